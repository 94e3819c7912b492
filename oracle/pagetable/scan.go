package pagetable

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/transport"
)

// ErrTooLarge means that a range has more page tables than a scan may read.
var ErrTooLarge = errors.New("too many page tables")

// maxScanTables bounds the tables that one scan reads of a level: 512 page
// tables map the 1 GiB that a kernel image can have.
const maxScanTables = 1024

// Scan returns all that is mapped in [from, from+length) in ascending order,
// up to the top of the address space; pages that reach into it included.
// It makes one dependent batch a level, of whole tables. reach is as in Walk.
// Tables that cannot be read leave a gap. The error is that of ReadPhysical,
// or wraps [ErrTooLarge].
func (t Tables) Scan(ctx context.Context, m transport.Memory, from oracle.Address, length uint64, reach Reach) ([]Mapping, error) {
	if length == 0 {
		return nil, nil
	}
	var found []Mapping
	w := window{first: uint64(from), last: uint64(from) + length - 1}
	if w.last < w.first {
		w.last = math.MaxUint64
	}
	frontier := []step{t.top(from)}
	for level := t.Levels; level > 0 && len(frontier) > 0; level-- {
		if len(frontier) > maxScanTables {
			return nil, fmt.Errorf("%d tables of level %d: %w", len(frontier), level, ErrTooLarge)
		}
		reads := make([]transport.Read, len(frontier))
		for i, s := range frontier {
			reads[i] = w.tableRead(s, level)
		}
		reach.pages(reads)
		if err := m.ReadPhysical(ctx, reads); err != nil {
			return nil, err
		}
		var next []step
		for i := range reads {
			if reads[i].Outcome != transport.Success {
				continue
			}
			leaves, tables := w.expand(frontier[i], level, reads[i].Data)
			found, next = append(found, leaves...), append(next, tables...)
		}
		frontier = next
	}
	slices.SortFunc(found, func(a, b Mapping) int { return cmp.Compare(a.Virtual, b.Virtual) })
	return found, nil
}

// window is the closed range of virtual addresses that a scan looks at.
type window struct{ first, last uint64 }

// indexes returns the entries of a table of a level that the window covers.
func (w window) indexes(s step, level int) (low, high uint64) {
	span := uint64(1)<<shift(level)<<9 - 1 // what the table maps, less one
	base := uint64(s.virtual) &^ span
	return index(max(w.first, base), level), index(min(w.last, base|span), level)
}

// tableRead returns the read of those entries.
func (w window) tableRead(s step, level int) transport.Read {
	low, high := w.indexes(s, level)
	return transport.Read{Address: s.table + transport.Address(8*low), Data: make([]byte, 8*(high-low+1))}
}

// expand parts the entries of one table into mappings and tables below.
func (w window) expand(s step, level int, entries []byte) (leaves []Mapping, tables []step) {
	low, _ := w.indexes(s, level)
	span := uint64(1)<<shift(level)<<9 - 1
	for i := 0; i+8 <= len(entries); i += 8 {
		e := Entry(binary.LittleEndian.Uint64(entries[i:]))
		below := s
		below.virtual = oracle.Address(uint64(s.virtual)&^span | (low+uint64(i/8))<<shift(level))
		switch {
		case e.leaf(level) && e.Present() && e.plausibleLeaf(level):
			leaves = append(leaves, below.mapping(e, level))
		case !e.leaf(level) && e.plausibleTable():
			tables = append(tables, below.next(e))
		}
	}
	return leaves, tables
}
