package nettlp

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/barescope/barescope/transport"
)

// playConfig serves the configuration space: reply is sent for request. It
// starts after the peer for tags, which closes it.
func playConfig(t *testing.T, p *peer, o Options, request, reply string) {
	t.Helper()
	conn := p.listen(t, o, 0x5001)
	want, answer := string(fromHex(t, request)), fromHex(t, reply)
	p.running.Go(func() {
		buffer := make([]byte, 64)
		for {
			n, err := conn.Read(buffer)
			if err != nil {
				return
			}
			if string(buffer[:n]) == want {
				_, _ = conn.Write(answer)
			} else {
				p.mu.Lock()
				p.strange = append(p.strange, string(buffer[:n]))
				p.mu.Unlock()
			}
		}
	})
}

const (
	// Opcode 00 (read), byte mask 1111, register 0x001; six bytes and no
	// NetTLP header.
	commandRequest = "3c 01  00 00 00 00"
	idRequest      = "3c 00  00 00 00 00"
	idReply        = "3c 00  70 24 10 ee  00*12"
)

func TestProbe(t *testing.T) {
	o := testOptions()
	p := play(t, o, nil, nil)
	playConfig(t, p, o, idRequest, idReply)
	if err := dial(t, o).Probe(t.Context()); err != nil {
		t.Errorf("Probe: %v", err)
	}
}

func TestProbeFindsNobody(t *testing.T) {
	if err := dial(t, testOptions()).Probe(t.Context()); !errors.Is(err, transport.ErrNoLink) {
		t.Errorf("Probe: %v, want %v", err, transport.ErrNoLink)
	}
}

func TestProbeFindsSilence(t *testing.T) {
	o := impatientOptions()
	p := play(t, o, nil, nil)
	p.listen(t, o, 0x5001)
	if err := dial(t, o).Probe(t.Context()); !errors.Is(err, transport.ErrNoLink) {
		t.Errorf("Probe: %v, want %v", err, transport.ErrNoLink)
	}
}

func TestProbeEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := testOptions()
	p := play(t, o, nil, nil)
	p.listen(t, o, 0x5001)
	if err := dial(t, o).Probe(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Probe: %v, want %v", err, context.Canceled)
	}
}

// silentRead is what a script has for a read of four bytes at 0x1000 that is
// never answered, with any of the tags.
func silentRead(tags int) []step {
	var script []step
	for tag := range tags {
		script = append(script, step{tag: tag, request: "0000 00000000  00 00 00 01  1b 00 0" + string(rune('0'+tag)) + " 0f  00 00 10 00"})
	}
	return script
}

func TestDiagnosisOfSilence(t *testing.T) {
	for _, tt := range []struct {
		name, command, text string
		want                error
	}{
		{"bus mastering is off", "3c 01  00 10 00 02  00*12", "bus mastering is off (command register 0x0002)", transport.ErrReadsRefused},
		{"bus mastering is on", "3c 01  00 10 00 06  00*12", "IOMMU", transport.ErrReadsRefused},
		{"configuration space is silent, too", "", "", transport.ErrNoLink},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := impatientOptions()
			p := play(t, o, silentRead(o.Tags), nil)
			if tt.command != "" {
				playConfig(t, p, o, commandRequest, tt.command)
			}
			c := dial(t, o)
			reads := []transport.Read{{Address: 0x1000, Data: make([]byte, 4)}, {Address: 0x5000, Data: make([]byte, 4)}}
			err := c.ReadPhysical(t.Context(), reads)
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("ReadPhysical: %v, want %v with %q", err, tt.want, tt.text)
			}
			if reads[0].Outcome != transport.Timeout || reads[1].Outcome != transport.NotRead {
				t.Errorf("outcomes %s, %s, want timeout, not read", reads[0].Outcome, reads[1].Outcome)
			}
			if s := c.Stats(); s.Requests != DefaultRetries+1 {
				t.Errorf("%d requests, want one read tried %d times", s.Requests, DefaultRetries+1)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	c := dial(t, testOptions())
	for range 2 { // the second call begins anew
		err := c.ReadPhysical(t.Context(), []transport.Read{{Address: 0x1000, Data: make([]byte, 4)}})
		if !errors.Is(err, transport.ErrNoLink) {
			t.Errorf("ReadPhysical: %v, want %v", err, transport.ErrNoLink)
		}
	}
}
