package nettlp

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/transport"
)

// wanted is a read that a conversation begins with, and what comes of it.
type wanted struct {
	address transport.Address
	data    string            // as text of a vector; its length is that of the read
	outcome transport.Outcome // success if zero
}

// conversation is one behaviour of the client: reads of one batch, what must
// go over the wire for them, and how it is counted. Requests and replies are
// written by hand from the PCI Express Base Specification 3.0, section 2.2.
type conversation struct {
	name  string
	mrrs  int
	tags  int
	reads []wanted
	steps []step
	// count sets the counters that must result, or is nil if all that
	// matters is that something was asked for again.
	count func(*Stats)
}

func TestConversations(t *testing.T) {
	for _, group := range [][]conversation{plainConversations, splitConversations, lossConversations, errorConversations, wrongConversations} {
		for _, tt := range group {
			t.Run(tt.name, func(t *testing.T) { converse(t, tt) })
		}
	}
}

func converse(t *testing.T, tt conversation) {
	o := testOptions()
	o.MRRS = tt.mrrs
	if tt.tags != 0 {
		o.Tags = tt.tags
	}
	if tt.count == nil {
		o.Timeout = 20 * time.Millisecond
	}
	play(t, o, tt.steps, nil)
	c := dial(t, o)
	if tt.count != nil {
		// A machine that is busy must not make the client ask again.
		c.scheduler.trip = roundTrip{mean: time.Minute, limit: time.Minute}
	}
	reads := make([]transport.Read, len(tt.reads))
	for i, w := range tt.reads {
		reads[i] = transport.Read{Address: w.address, Data: make([]byte, len(fromHex(t, w.data)))}
	}
	if err := c.ReadPhysical(t.Context(), reads); err != nil {
		t.Fatalf("ReadPhysical: %v", err)
	}
	checkReads(t, reads, tt.reads)
	checkStats(t, c.Stats(), tt.count)
}

func checkReads(t *testing.T, reads []transport.Read, want []wanted) {
	t.Helper()
	for i, w := range want {
		if w.outcome == transport.NotRead {
			w.outcome = transport.Success
		}
		if reads[i].Outcome != w.outcome {
			t.Errorf("read %d: %s, want %s", i, reads[i].Outcome, w.outcome)
		}
		if data := fromHex(t, w.data); w.outcome == transport.Success && !bytes.Equal(reads[i].Data, data) {
			t.Errorf("read %d: % x, want % x", i, reads[i].Data, data)
		}
	}
}

func checkStats(t *testing.T, got Stats, count func(*Stats)) {
	t.Helper()
	if count == nil {
		if got.Retries == 0 {
			t.Errorf("counters %+v, want retries", got)
		}
		return
	}
	want := Stats{Window: got.Window, RoundTrip: got.RoundTrip, Missing: got.Missing}
	count(&want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("counters (-want +got):\n%s", diff)
	}
}

func TestRouteDecidesWithoutLocal(t *testing.T) {
	o := testOptions()
	local, err := sourceAddress(o.Target)
	if want := netip.MustParseAddr("127.0.0.1"); err != nil || local != want {
		t.Errorf("source address %s, %v, want %s", local, err, want)
	}
}

func TestDialRefusesOptions(t *testing.T) {
	for name, o := range map[string]Options{
		"no target":          {},
		"IPv6":               {Target: netip.MustParseAddr("::1")},
		"IPv6 at this end":   {Target: netip.MustParseAddr("127.78.250.2"), Local: netip.MustParseAddr("::1")},
		"too many tags":      {Target: netip.MustParseAddr("127.78.250.2"), Tags: 257},
		"crooked MRRS":       {Target: netip.MustParseAddr("127.78.250.2"), MRRS: 500},
		"MRRS above a page":  {Target: netip.MustParseAddr("127.78.250.2"), MRRS: 8192},
		"negative timeout":   {Target: netip.MustParseAddr("127.78.250.2"), Timeout: -1},
		"endless timeout":    {Target: netip.MustParseAddr("127.78.250.2"), Timeout: 2 * time.Hour},
		"negative window":    {Target: netip.MustParseAddr("127.78.250.2"), Window: -1},
		"not an own address": {Target: netip.MustParseAddr("127.78.250.2"), Local: netip.MustParseAddr("192.0.2.1")},
	} {
		t.Run(name, func(t *testing.T) {
			if c, err := Dial(o); !errors.Is(err, transport.ErrBadTarget) {
				t.Errorf("Dial: %v, %v, want %v", c, err, transport.ErrBadTarget)
			}
		})
	}
}

func TestSecondClientIsToldSo(t *testing.T) {
	o := testOptions()
	dial(t, o)
	if c, err := Dial(o); err == nil {
		c.Close()
		t.Error("Dial succeeded on ports that are taken")
	}
}

func TestCancelledBeforeTheRead(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := testOptions()
	play(t, o, nil, nil)
	reads := []transport.Read{{Address: 0x1000, Data: make([]byte, 4), Outcome: transport.Success}}
	err := dial(t, o).ReadPhysical(ctx, reads)
	if !errors.Is(err, context.Canceled) || reads[0].Outcome != transport.NotRead {
		t.Errorf("ReadPhysical: %v, outcome %s, want %v, not read", err, reads[0].Outcome, context.Canceled)
	}
}

func TestCancelledDuringTheRead(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o := testOptions()
	play(t, o, silentRead(o.Tags), cancel)
	reads := []transport.Read{{Address: 0x1000, Data: make([]byte, 4)}}
	err := dial(t, o).ReadPhysical(ctx, reads)
	if !errors.Is(err, context.Canceled) || reads[0].Outcome != transport.NotRead {
		t.Errorf("ReadPhysical: %v, outcome %s, want %v, not read", err, reads[0].Outcome, context.Canceled)
	}
}

func TestClosedDuringTheRead(t *testing.T) {
	o := testOptions()
	asked := make(chan struct{}, DefaultRetries+1)
	play(t, o, silentRead(o.Tags), func() { asked <- struct{}{} })
	c := dial(t, o)
	go func() {
		<-asked
		c.Close()
	}()
	reads := []transport.Read{{Address: 0x1000, Data: make([]byte, 4)}}
	if err := c.ReadPhysical(t.Context(), reads); !errors.Is(err, net.ErrClosed) {
		t.Errorf("ReadPhysical: %v, want %v", err, net.ErrClosed)
	}
	if err := c.ReadPhysical(t.Context(), reads); !errors.Is(err, net.ErrClosed) {
		t.Errorf("ReadPhysical after Close: %v, want %v", err, net.ErrClosed)
	}
}

func TestNothingToRead(t *testing.T) {
	o := testOptions()
	play(t, o, nil, nil)
	reads := []transport.Read{{Address: 0x1000}}
	if err := dial(t, o).ReadPhysical(t.Context(), reads); err != nil || reads[0].Outcome != transport.Success {
		t.Errorf("ReadPhysical: %v, outcome %s, want success", err, reads[0].Outcome)
	}
}
