package cache

import (
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/rangeset"
)

// store holds pages up to a limit. It evicts by the clock algorithm: close to
// least recently used, without a list to keep in order. It does no locking.
type store struct {
	limit  int
	byAddr map[transport.Address]*page
	ring   []*page
	hand   int
	epoch  uint64
	pinned rangeset.Set
}

// lookup returns the page at an address with what is valid of it now, or nil.
func (s *store) lookup(address transport.Address) *page {
	p := s.byAddr[address]
	if p == nil {
		return nil
	}
	p.used = true
	if p.epoch != s.epoch {
		p.valid &= s.pinnedLines(address)
		p.epoch = s.epoch
	}
	return p
}

// obtain is lookup that makes room for the page when it is not there.
func (s *store) obtain(address transport.Address) *page {
	if p := s.lookup(address); p != nil {
		return p
	}
	var p *page
	if len(s.ring) < s.limit {
		p = new(page)
		s.ring = append(s.ring, p)
	} else {
		p = s.victim()
		delete(s.byAddr, p.address)
	}
	p.address, p.epoch, p.valid, p.used = address, s.epoch, 0, true
	s.byAddr[address] = p
	return p
}

func (s *store) victim() *page {
	for {
		p := s.ring[s.hand]
		s.hand = (s.hand + 1) % len(s.ring)
		if !p.used {
			return p
		}
		p.used = false
	}
}

// pinnedLines returns the lines of a page that lie in pinned memory in full.
func (s *store) pinnedLines(address transport.Address) lineSet {
	whole := transport.Range{Start: address, Length: transport.PageSize}
	if s.pinned.Contains(whole) {
		return ^lineSet(0)
	}
	var lines lineSet
	if s.pinned.Overlaps(whole) {
		for i := range transport.PageSize / lineSize {
			line := transport.Range{Start: address + transport.Address(i*lineSize), Length: lineSize}
			if s.pinned.Contains(line) {
				lines |= 1 << i
			}
		}
	}
	return lines
}

// insert keeps whole lines that were read in an epoch. Lines that are valid
// already are left alone unless overwrite is set: what a slower read brings
// is older.
func (s *store) insert(r *transport.Read, epoch uint64, overwrite bool) {
	data := r.Data
	eachPage(r.Range(), func(address transport.Address, from, to uint64) {
		lines := linesOf(from, to)
		if epoch != s.epoch {
			lines &= s.pinnedLines(address)
		}
		if lines != 0 {
			p := s.obtain(address)
			if !overwrite {
				lines &^= p.valid
			}
			p.fill(data, from, lines)
		}
		data = data[to-from:]
	})
}
