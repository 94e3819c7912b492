package cache

import (
	"maps"
	"slices"

	"github.com/barescope/barescope/transport"
)

// DefaultReach is the maximum read request size that PCI Express devices start
// with.
const DefaultReach = 512

// worth is how many bytes that nobody asked for are read to save a request. On
// the hardware a request takes as long as some 1400 bytes more in another; in
// software the difference is larger still.
const worth = 1024

// merger turns lines into the ranges to read.
type merger struct {
	reach  uint64 // of a request, in bytes
	bounds func(transport.Range) bool
	ranges []transport.Range // in ascending order
	size   uint64            // of all of them
}

// addPages adds the lines of each page.
func (m *merger) addPages(missing map[transport.Address]lineSet) {
	for _, page := range slices.Sorted(maps.Keys(missing)) {
		lines := missing[page]
		for from, to, ok := lines.next(0); ok; from, to, ok = lines.next(to) {
			m.add(page, transport.Range{Start: page + transport.Address(from), Length: to - from})
		}
	}
}

// add adds lines of a page that lie behind all that were added before.
func (m *merger) add(page transport.Address, lines transport.Range) {
	last := len(m.ranges) - 1
	if last < 0 || !m.join(page, &m.ranges[last], lines) {
		m.ranges = append(m.ranges, lines)
		m.size += lines.Length
	}
}

// join extends a range over lines behind it if they follow at once, or if that
// saves requests.
func (m *merger) join(page transport.Address, to *transport.Range, lines transport.Range) bool {
	joined := transport.Range{Start: to.Start, Length: uint64(lines.End() - to.Start)}
	if gap := uint64(lines.Start - to.End()); gap > 0 {
		saved := m.requests(*to) + m.requests(lines) - m.requests(joined)
		if to.Start < page || int64(saved) <= 0 || gap > saved*worth || !m.bounds(joined) {
			return false
		}
	}
	m.size += joined.Length - to.Length
	*to = joined
	return true
}

// requests returns how many a range of one page takes.
func (m *merger) requests(r transport.Range) uint64 { return (r.Length + m.reach - 1) / m.reach }
