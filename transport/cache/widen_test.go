package cache_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/cache"
	"github.com/barescope/barescope/transport/rangeset"
)

// raggedRAM answers reads inside of 0x1000-0x9fbf7, whose end is within a
// line, and of 0x100000-0x1fffff.
var raggedRAM = rangeset.Of(rng(0x1000, 0x9ebf8), rng(0x100000, 0x100000))

func outcomeOf(outcome transport.Outcome) func(transport.Range) transport.Outcome {
	return func(r transport.Range) transport.Outcome {
		if raggedRAM.Contains(r) {
			return transport.Success
		}
		return outcome
	}
}

// TestBounds never widens over the end of what may be read: one call, and
// what was asked.
func TestBounds(t *testing.T) {
	m := &ram{outcome: outcomeOf(transport.Forbidden)}
	c := cache.New(m, cache.Options{Bounds: raggedRAM.Contains})
	m.read(t, context.Background(), c, rng(0x9fbf0, 8), rng(0x9fb80, 64), rng(0x100008, 8))
	want := [][]transport.Range{{rng(0x9fb80, 64), rng(0x100000, 64), rng(0x9fbf0, 8)}}
	if diff := cmp.Diff(want, m.asked); diff != "" {
		t.Error(diff)
	}
	if r := submit(t, context.Background(), c, rng(0x9fbf0, 16))[0]; r.Outcome != transport.Forbidden {
		t.Errorf("a read over the end: %v", r.Outcome)
	}
}

// TestFallBack has no bounds: what only the widening made fail is read again,
// as it was asked.
func TestFallBack(t *testing.T) {
	m := &ram{outcome: outcomeOf(transport.UnsupportedRequest)}
	c := cache.New(m, cache.Options{})
	m.read(t, context.Background(), c, rng(0x9fbf0, 8), rng(0x9fb80, 8), rng(0x100008, 8))
	want := [][]transport.Range{
		{rng(0x9fb80, 128), rng(0x100000, 64)},
		{rng(0x9fbf0, 8), rng(0x9fb80, 8)},
	}
	if diff := cmp.Diff(want, m.asked); diff != "" {
		t.Error(diff)
	}
}

// TestFailures keeps apart what fails by itself and what does not.
func TestFailures(t *testing.T) {
	m := &ram{outcome: outcomeOf(transport.Timeout)}
	c := cache.New(m, cache.Options{})
	got := submit(t, context.Background(), c, rng(0x200000, 64), rng(0x1ffff0, 8), rng(0x1ffff8, 16), rng(0x400000, 128))
	var outcomes []transport.Outcome
	for _, r := range got {
		outcomes = append(outcomes, r.Outcome)
	}
	want := []transport.Outcome{transport.Timeout, transport.Success, transport.Timeout, transport.Timeout}
	if diff := cmp.Diff(want, outcomes); diff != "" {
		t.Error(diff)
	}
	second := []transport.Range{rng(0x200000, 64), rng(0x1ffff0, 8), rng(0x1ffff8, 16)}
	if diff := cmp.Diff(second, m.asked[1]); diff != "" || len(m.asked) != 2 {
		t.Error(diff, m.asked)
	}
}

// TestFailureIsNotKept reads again what failed before.
func TestFailureIsNotKept(t *testing.T) {
	m := &ram{outcome: outcomeOf(transport.Timeout)}
	c := cache.New(m, cache.Options{})
	if r := submit(t, context.Background(), c, rng(0x400000, 64))[0]; r.Outcome != transport.Timeout {
		t.Fatal(r.Outcome)
	}
	m.outcome = nil
	m.read(t, context.Background(), c, rng(0x400000, 64))
}

// TestTopOfMemory reads where a line's end would wrap.
func TestTopOfMemory(t *testing.T) {
	m := &ram{outcome: func(transport.Range) transport.Outcome { return transport.Forbidden }}
	c := cache.New(m, cache.Options{})
	for _, r := range []transport.Range{rng(^transport.Address(0), 1), rng(^transport.Address(0), 2), rng(^transport.Address(0)-100, 8)} {
		if got := submit(t, context.Background(), c, r)[0]; got.Outcome != transport.Forbidden {
			t.Errorf("%s: %v", r, got.Outcome)
		}
	}
}
