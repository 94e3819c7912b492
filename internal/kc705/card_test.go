package kc705_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/internal/kc705"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/nettlp"
	"github.com/barescope/barescope/transport/tlp"
)

// memory of a gigabyte holds the low byte of each address.
type memory struct{}

func (memory) ReadPhysical(_ context.Context, reads []transport.Read) error {
	for i := range reads {
		r := &reads[i]
		r.Outcome = transport.Absent
		if r.Range().End() <= 1<<30 {
			for j := range r.Data {
				r.Data[j] = byte(int(r.Address) + j)
			}
			r.Outcome = transport.Success
		}
	}
	return nil
}

// inBubble runs a test on virtual time with a client of a card.
func inBubble(t *testing.T, co kc705.Options, no nettlp.Options, test func(t *testing.T, c *nettlp.Client, card *kc705.Card)) {
	synctest.Test(t, func(t *testing.T) {
		card := kc705.New(memory{}, co)
		c, err := nettlp.New(card, no)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		test(t, c, card)
	})
}

// mustRead reads length bytes from each address, and returns how long it took.
func mustRead(t *testing.T, c *nettlp.Client, length int, addresses ...transport.Address) time.Duration {
	t.Helper()
	reads := make([]transport.Read, len(addresses))
	for i, a := range addresses {
		reads[i] = transport.Read{Address: a, Data: make([]byte, length)}
	}
	start := time.Now()
	if err := c.ReadPhysical(t.Context(), reads); err != nil {
		t.Fatal(err)
	}
	for _, r := range reads {
		for i, got := range r.Data {
			if want := byte(int(r.Address) + i); got != want || r.Outcome != transport.Success {
				t.Fatalf("byte %d of %s: %#x, want %#x, %s", i, r.Range(), got, want, r.Outcome)
			}
		}
	}
	return time.Since(start)
}

func TestOutcomes(t *testing.T) {
	inBubble(t, kc705.Options{}, nettlp.Options{}, func(t *testing.T, c *nettlp.Client, card *kc705.Card) {
		reads := []transport.Read{{Address: 0x1ffd, Data: make([]byte, 6)}, {Address: 1 << 30, Data: make([]byte, 8)}}
		if err := c.ReadPhysical(t.Context(), reads); err != nil {
			t.Fatal(err)
		}
		got := []transport.Outcome{reads[0].Outcome, reads[1].Outcome}
		if diff := cmp.Diff([]transport.Outcome{transport.Success, transport.UnsupportedRequest}, got); diff != "" {
			t.Errorf("outcomes (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]byte{0xfd, 0xfe, 0xff, 0, 1, 2}, reads[0].Data); diff != "" {
			t.Errorf("data (-want +got):\n%s", diff)
		}
		if err := c.Probe(t.Context()); err != nil {
			t.Errorf("Probe: %v", err)
		}
		if diff := cmp.Diff(kc705.Stats{Requests: 3, Completions: 3, Bytes: 6}, card.Stats()); diff != "" {
			t.Errorf("counters (-want +got):\n%s", diff)
		}
	})
}

func TestSameSeedSameTimes(t *testing.T) {
	var got [3]time.Duration
	for i, seed := range []uint64{1, 1, 2} {
		inBubble(t, kc705.Options{Seed: seed}, nettlp.Options{}, func(t *testing.T, c *nettlp.Client, _ *kc705.Card) {
			for at := range transport.Address(50) {
				got[i] += mustRead(t, c, 1000, at<<12, at<<13)
			}
		})
	}
	if got[0] != got[1] || got[0] == got[2] {
		t.Errorf("took %s with seeds 1, 1 and 2", got)
	}
}

// TestEthernetIsTheCeiling reads by the page, as fast as Ethernet carries
// completions of 256 bytes: 340 bytes on the wire for each.
func TestEthernetIsTheCeiling(t *testing.T) {
	o := nettlp.Options{MRRS: 4096, Window: 24 << 10}
	inBubble(t, kc705.Options{}, o, func(t *testing.T, c *nettlp.Client, card *kc705.Card) {
		const size = 8 << 20
		took := mustRead(t, c, size, 0)
		rate, ceiling := size*8/took.Seconds(), 10e9*256/340
		if math.Abs(rate/ceiling-1) > 0.05 {
			t.Errorf("%.2f Gb/s, want %.2f", rate/1e9, ceiling/1e9)
		}
		if n := card.Stats().Overrun; n != 0 {
			t.Errorf("%d packets did not fit into a FIFO", n)
		}
	})
}

// flood asks for a number of reads of a size at once, and never again.
func flood(t *testing.T, size, reads int) kc705.Stats {
	t.Helper()
	var stats kc705.Stats
	synctest.Test(t, func(t *testing.T) {
		card := kc705.New(memory{}, kc705.Options{})
		card.Listen(nobody{})
		for tag := range reads {
			r := tlp.MemoryRead{Tag: uint8(tag), Address: transport.Address(tag) << 12, Length: size}
			datagram, err := r.AppendBinary(tlp.Header{}.Append(nil))
			if err != nil {
				t.Fatal(err)
			}
			if err := card.Send(r.Tag, datagram); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		card.Close()
		stats = card.Stats()
	})
	return stats
}

// nobody ignores what comes.
type nobody struct{}

func (nobody) Receive(uint8, []byte, int) {}
func (nobody) Refused(uint8)              {}

func TestNoBackpressure(t *testing.T) {
	for _, tt := range []struct {
		name        string
		size, reads int
		overrun     bool
	}{
		{"what libtlp has in flight at most", 512, 16, false},
		{"16 KiB by the page", 4096, 4, false},
		{"a megabyte", 4096, 256, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := flood(t, tt.size, tt.reads)
			if (s.Overrun > 0) != tt.overrun || s.Requests != uint64(tt.reads) {
				t.Errorf("%d of %d packets did not fit", s.Overrun, s.Overrun+s.Completions)
			}
		})
	}
}

func TestMalformed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		card := kc705.New(memory{}, kc705.Options{})
		defer card.Close()
		for _, datagram := range [][]byte{nil, make([]byte, 6), append(make([]byte, 6), 0x40)} {
			if err := card.Send(0, datagram); err != nil {
				t.Error(err)
			}
		}
		if n := card.Stats().Malformed; n != 3 {
			t.Errorf("%d malformed datagrams, want 3", n)
		}
	})
}

func TestStepsTakeTheTimeOfOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := kc705.Steps{Memory: memory{}}
		done := make(chan error)
		start := time.Now()
		for range 3 { // at the same time
			go func() { done <- s.ReadPhysical(t.Context(), make([]transport.Read, 1000)) }()
		}
		if err := errors.Join(<-done, <-done, <-done); err != nil {
			t.Fatal(err)
		}
		if err := s.ReadPhysical(t.Context(), nil); err != nil { // after them
			t.Fatal(err)
		}
		if steps := time.Since(start) / kc705.Step; steps != 2 {
			t.Errorf("%d steps, want 2", steps)
		}
	})
}
