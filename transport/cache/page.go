package cache

import (
	"math/bits"

	"github.com/barescope/barescope/transport"
)

// lineSize is the read completion boundary in bytes. A page has as many lines
// as a lineSet has bits.
const lineSize = 64

// lineSet is a set of the lines of one page, the lowest address in bit 0.
type lineSet uint64

// linesOf returns the lines that hold the bytes from and up to offsets of a
// page, from < to.
func linesOf(from, to uint64) lineSet {
	first, last := from/lineSize, (to-1)/lineSize
	return ^lineSet(0) << first & (^lineSet(0) >> (63 - last))
}

// next returns the offsets of the first run of lines in the set that reach
// behind offset at, and false when there is none.
func (s lineSet) next(at uint64) (from, to uint64, ok bool) {
	if at >= transport.PageSize {
		return 0, 0, false
	}
	rest := uint64(s) &^ (1<<(at/lineSize) - 1)
	if rest == 0 {
		return 0, 0, false
	}
	first := bits.TrailingZeros64(rest)
	count := bits.TrailingZeros64(^(rest >> first))
	return uint64(first) * lineSize, uint64(min(first+count, 64)) * lineSize, true
}

// page holds the lines of one page that were read.
type page struct {
	address transport.Address
	epoch   uint64
	valid   lineSet // as of epoch
	used    bool    // since the eviction's hand came by
	data    [transport.PageSize]byte
}

// copyTo copies lines of the page into data, which starts at offset from.
func (p *page) copyTo(data []byte, from uint64, lines lineSet) {
	to := from + uint64(len(data))
	for start, end, ok := lines.next(from); ok && start < to; start, end, ok = lines.next(end) {
		start, end := max(start, from), min(end, to)
		copy(data[start-from:end-from], p.data[start:end])
	}
}

// fill takes lines from data, which starts at offset from.
func (p *page) fill(data []byte, from uint64, lines lineSet) {
	for start, end, ok := lines.next(0); ok; start, end, ok = lines.next(end) {
		copy(p.data[start:end], data[start-from:])
	}
	p.valid |= lines
}

// eachPage calls f for each page that a range touches with the offsets in
// that page where the range starts and ends.
func eachPage(r transport.Range, f func(page transport.Address, from, to uint64)) {
	for at, left := r.Start, r.Length; left > 0; {
		from := uint64(at % transport.PageSize)
		n := min(left, transport.PageSize-from)
		f(at.Page(), from, from+n)
		at, left = at+transport.Address(n), left-n
	}
}
