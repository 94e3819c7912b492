package rangeset_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/rangeset"
)

type ranges = []transport.Range

func rng(start transport.Address, length uint64) transport.Range {
	return transport.Range{Start: start, Length: length}
}

func TestOf(t *testing.T) {
	for name, tc := range map[string]struct{ give, want ranges }{
		"none":             {nil, nil},
		"sorts":            {ranges{rng(0x3000, 1), rng(0x1000, 1)}, ranges{rng(0x1000, 1), rng(0x3000, 1)}},
		"merges touching":  {ranges{rng(0x1000, 0x1000), rng(0x2000, 8)}, ranges{rng(0x1000, 0x1008)}},
		"merges inner":     {ranges{rng(0x1000, 0x1000), rng(0x1100, 8)}, ranges{rng(0x1000, 0x1000)}},
		"keeps a gap":      {ranges{rng(0x1000, 0xfff), rng(0x2000, 8)}, ranges{rng(0x1000, 0xfff), rng(0x2000, 8)}},
		"drops empty":      {ranges{rng(0x1000, 0)}, nil},
		"drops wrapping":   {ranges{rng(0x1000, ^uint64(0))}, nil},
		"drops the top":    {ranges{rng(^transport.Address(0), 1)}, nil},
		"keeps all but it": {ranges{rng(0, ^uint64(0))}, ranges{rng(0, ^uint64(0))}},
	} {
		t.Run(name, func(t *testing.T) {
			got := rangeset.Of(tc.give...).Ranges()
			if len(got) == 0 {
				got = nil
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestContains(t *testing.T) {
	s := rangeset.Of(ranges{rng(0x1000, 0x1000), rng(0x3000, 0x1000)}...)
	for name, tc := range map[string]struct {
		give               transport.Range
		contains, overlaps bool
	}{
		"whole":          {rng(0x1000, 0x1000), true, true},
		"last byte":      {rng(0x3fff, 1), true, true},
		"over the end":   {rng(0x3fff, 2), false, true},
		"over a gap":     {rng(0x1fff, 0x1002), false, true},
		"before":         {rng(0, 0x1000), false, false},
		"in the gap":     {rng(0x2000, 0x1000), false, false},
		"behind":         {rng(0x4000, 1), false, false},
		"empty":          {rng(0x1000, 0), false, false},
		"wraps into it":  {rng(^transport.Address(0), 0x2000), false, false},
		"wraps over all": {rng(0x1000, ^uint64(0)), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := s.Contains(tc.give); got != tc.contains {
				t.Errorf("Contains = %v", got)
			}
			if got := s.Overlaps(tc.give); got != tc.overlaps {
				t.Errorf("Overlaps = %v", got)
			}
		})
	}
}

// TestAlgebra holds the operations against the same ones on single addresses.
func TestAlgebra(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawSet(t, "a"), drawSet(t, "b")
		union, both, left := a.Union(b), a.Intersect(b), a.Subtract(b)
		for i := range transport.Address(40) {
			at := transport.Range{Start: i, Length: 1}
			inA, inB := a.Contains(at), b.Contains(at)
			if union.Contains(at) != (inA || inB) || both.Contains(at) != (inA && inB) || left.Contains(at) != (inA && !inB) {
				t.Fatalf("at %s: a %v b %v union %v both %v left %v", i, a.Ranges(), b.Ranges(), union.Ranges(), both.Ranges(), left.Ranges())
			}
		}
	})
}

func drawSet(t *rapid.T, label string) rangeset.Set {
	one := rapid.Custom(func(t *rapid.T) transport.Range {
		return transport.Range{
			Start:  transport.Address(rapid.IntRange(0, 30).Draw(t, "start")),
			Length: uint64(rapid.IntRange(0, 9).Draw(t, "length")),
		}
	})
	return rangeset.Of(rapid.SliceOfN(one, 0, 6).Draw(t, label)...)
}
