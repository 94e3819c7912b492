package guard_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/guard"
)

func refuse(outcome transport.Outcome) func(transport.Range) transport.Outcome {
	return func(transport.Range) transport.Outcome { return outcome }
}

// TestFirstReadGoesAlone reads a fresh tier: its first request is one that
// needs one completion, and everything follows it.
func TestFirstReadGoesAlone(t *testing.T) {
	l := &link{}
	g := guard.New(l, guard.LowMemory)
	for range 2 {
		if _, err := read(g, rng(0x1010, 0x2000), rng(0x8000, 8)); err != nil {
			t.Fatal(err)
		}
	}
	want := [][]transport.Range{
		{rng(0x1010, 0x30)},
		{rng(0x1010, 0x2000), rng(0x8000, 8)},
		{rng(0x1010, 0x2000), rng(0x8000, 8)},
	}
	if diff := cmp.Diff(want, l.asked); diff != "" {
		t.Error(diff)
	}
}

func TestRefused(t *testing.T) {
	for _, outcome := range []transport.Outcome{transport.UnsupportedRequest, transport.CompleterAbort,
		transport.ConfigurationRetry, transport.Timeout, transport.NotRead} {
		t.Run(outcome.String(), func(t *testing.T) {
			l := &link{outcome: refuse(outcome)}
			g := guard.New(l, guard.LowMemory)
			got, err := read(g, rng(0xb0000, 1), rng(0x1000, 8), rng(0x2000, 8))
			var refusal *guard.RefusedError
			if !errors.Is(err, transport.ErrReadsRefused) || !errors.As(err, &refusal) {
				t.Fatalf("error is %v", err)
			}
			if diff := cmp.Diff(&guard.RefusedError{Range: rng(0x1000, 8), Outcome: outcome}, refusal); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([]transport.Outcome{transport.Forbidden, outcome, transport.NotRead}, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([][]transport.Range{{rng(0x1000, 8)}}, l.asked); diff != "" {
				t.Error(diff)
			}
			for _, part := range []string{"0x1000-0x1007", outcome.String(), "bus mastering", "IOMMU", "docs/hardware.md"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not mention %q", err, part)
				}
			}
		})
	}
}

// TestRefusalIsNotFinal lets the operator mend the machine.
func TestRefusalIsNotFinal(t *testing.T) {
	l := &link{outcome: refuse(transport.UnsupportedRequest)}
	g := guard.New(l, guard.LowMemory)
	if _, err := read(g, rng(0x1000, 8)); !errors.Is(err, transport.ErrReadsRefused) {
		t.Fatal(err)
	}
	l.outcome = nil
	if got, err := read(g, rng(0x1000, 8)); err != nil || got[0] != transport.Success {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestAbsentIsAnAnswer reads an image's hole: nothing is in danger there.
func TestAbsentIsAnAnswer(t *testing.T) {
	g := guard.New(&link{outcome: refuse(transport.Absent)}, guard.LowMemory)
	got, err := read(g, rng(0x1000, 8), rng(0x2000, 8))
	if diff := cmp.Diff([]transport.Outcome{transport.Absent, transport.Absent}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// TestEachTierIsTried widens twice and restricts: whatever is new is tried on
// its own, what has answered is not tried again.
func TestEachTierIsTried(t *testing.T) {
	l := &link{}
	g := guard.New(l, guard.LowMemory)
	g.Allow(rng(0x1000000, 0x2000))
	all := []transport.Range{rng(0x1000, 8), rng(0x1000000, 8), rng(0x1001000, 8)}
	steps := []struct {
		name  string
		widen func()
		want  [][]transport.Range
	}{
		{"two tiers", func() {}, [][]transport.Range{{rng(0x1000, 8)}, {rng(0x1000000, 8)}, all}},
		{"known", func() { g.Allow(rng(0x1000000, 0x1000)) }, [][]transport.Range{all}},
		{"restricted", func() { g.Restrict([]transport.Range{rng(0x1000, 0x1000), rng(0x1000000, 0x2000)}) }, [][]transport.Range{all}},
	}
	for _, step := range steps {
		l.asked = nil
		step.widen()
		if _, err := read(g, all...); err != nil {
			t.Fatal(step.name, err)
		}
		if diff := cmp.Diff(step.want, l.asked); diff != "" {
			t.Error(step.name, diff)
		}
	}
}

// TestReadOverTwoTiers tries the part of a read that is new, not the part
// that is known to answer.
func TestReadOverTwoTiers(t *testing.T) {
	l := &link{}
	g := guard.New(l, rng(0x100000, 0x1000))
	if _, err := read(g, rng(0x100000, 8)); err != nil {
		t.Fatal(err)
	}
	g.Allow(rng(0x101000, 0x1000))
	l.asked = nil
	if _, err := read(g, rng(0x100ff0, 0x20)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]transport.Range{{rng(0x101000, 0x10)}, {rng(0x100ff0, 0x20)}}, l.asked); diff != "" {
		t.Error(diff)
	}
}

func TestFailedTierStopsTheBatch(t *testing.T) {
	l := &link{outcome: func(r transport.Range) transport.Outcome {
		if r.Start >= 0x1000000 {
			return transport.UnsupportedRequest
		}
		return transport.Success
	}}
	g := guard.New(l, guard.LowMemory)
	g.Allow(rng(0x1000000, 0x1000))
	got, err := read(g, rng(0x1000, 8), rng(0x1000000, 8), rng(0x1000100, 8))
	if diff := cmp.Diff([]transport.Outcome{transport.NotRead, transport.UnsupportedRequest, transport.NotRead}, got); diff != "" {
		t.Error(diff)
	}
	if !errors.Is(err, transport.ErrReadsRefused) {
		t.Errorf("error is %v", err)
	}
	if diff := cmp.Diff([][]transport.Range{{rng(0x1000, 8)}, {rng(0x1000000, 8)}}, l.asked); diff != "" {
		t.Error(diff)
	}
	if got, err = read(g, rng(0x1000, 8)); err != nil || got[0] != transport.Success {
		t.Errorf("low memory after it: %v, %v", got, err)
	}
}

// gate holds every batch until it is let through.
type gate struct {
	link
	arrived, pass chan struct{}
}

func (l *gate) ReadPhysical(ctx context.Context, reads []transport.Read) error {
	l.arrived <- struct{}{}
	<-l.pass
	return l.link.ReadPhysical(ctx, reads)
}

// TestOneReadInFlight has several goroutines read a fresh tier.
func TestOneReadInFlight(t *testing.T) {
	l := &gate{arrived: make(chan struct{}), pass: make(chan struct{})}
	g := guard.New(l, guard.LowMemory)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if got, err := read(g, rng(0x1000, 8)); err != nil || got[0] != transport.Success {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	<-l.arrived // the read that tries
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	reads := []transport.Read{{Address: 0x1000, Data: make([]byte, 8)}}
	if err := g.ReadPhysical(ctx, reads); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for its turn: %v", err)
	}
	select {
	case <-l.arrived:
		t.Error("a second read is in flight")
	default:
	}
	l.pass <- struct{}{}
	for range 4 { // all of them now, side by side
		<-l.arrived
	}
	close(l.pass)
	wg.Wait()
	if n := len(l.asked); n != 5 {
		t.Errorf("%d batches", n)
	}
}
