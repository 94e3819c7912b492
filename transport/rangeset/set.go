package rangeset

import (
	"cmp"
	"slices"
	"sort"

	"github.com/barescope/barescope/transport"
)

// Set is a set of physical addresses, kept as sorted ranges that neither
// overlap nor touch. The zero Set is empty. A Set is never modified.
type Set struct{ ranges []transport.Range }

// Of returns the union of ranges. A range that is empty, or that reaches the
// top of the address space or wraps around it, holds nothing: no machine has
// memory there, so such a range comes from a mistake or a hostile target.
func Of(ranges ...transport.Range) Set {
	sorted := make([]transport.Range, 0, len(ranges))
	for _, r := range ranges {
		if sound(r) {
			sorted = append(sorted, r)
		}
	}
	slices.SortFunc(sorted, func(a, b transport.Range) int { return cmp.Compare(a.Start, b.Start) })
	merged := sorted[:0]
	for _, r := range sorted {
		last := len(merged) - 1
		if last < 0 || r.Start > merged[last].End() {
			merged = append(merged, r)
		} else if r.End() > merged[last].End() {
			merged[last] = between(merged[last].Start, r.End())
		}
	}
	return Set{merged}
}

// Ranges returns the set's ranges in ascending order, nil for an empty set.
func (s Set) Ranges() []transport.Range { return slices.Clone(s.ranges) }

// Empty reports whether the set holds no address.
func (s Set) Empty() bool { return len(s.ranges) == 0 }

// Contains reports whether all of r is in the set. A range that [Of] would
// leave out is in no set.
func (s Set) Contains(r transport.Range) bool {
	i := s.search(r.Start)
	return sound(r) && i < len(s.ranges) && s.ranges[i].Contains(r)
}

// Overlaps reports whether any of r is in the set. A range that [Of] would
// leave out overlaps no set.
func (s Set) Overlaps(r transport.Range) bool {
	i := s.search(r.Start)
	return sound(r) && i < len(s.ranges) && s.ranges[i].Start < r.End()
}

// Union returns what is in s or in t.
func (s Set) Union(t Set) Set { return Of(slices.Concat(s.ranges, t.ranges)...) }

// Intersect returns what is both in s and in t.
func (s Set) Intersect(t Set) Set {
	var both []transport.Range
	for i, j := 0, 0; i < len(s.ranges) && j < len(t.ranges); {
		a, b := s.ranges[i], t.ranges[j]
		if start, end := max(a.Start, b.Start), min(a.End(), b.End()); start < end {
			both = append(both, between(start, end))
		}
		if a.End() < b.End() {
			i++
		} else {
			j++
		}
	}
	return Set{both}
}

// Subtract returns what is in s and not in t.
func (s Set) Subtract(t Set) Set {
	var left []transport.Range
	for _, r := range s.ranges {
		start := r.Start
		for _, cut := range t.ranges[t.search(start):] {
			if cut.Start >= r.End() {
				break
			}
			if start < cut.Start {
				left = append(left, between(start, cut.Start))
			}
			start = cut.End()
		}
		if start < r.End() {
			left = append(left, between(start, r.End()))
		}
	}
	return Set{left}
}

// search returns the index of the first range that ends behind a.
func (s Set) search(a transport.Address) int {
	return sort.Search(len(s.ranges), func(i int) bool { return s.ranges[i].End() > a })
}

func sound(r transport.Range) bool { return r.Start+transport.Address(r.Length) > r.Start }

func between(start, end transport.Address) transport.Range {
	return transport.Range{Start: start, Length: uint64(end - start)}
}
