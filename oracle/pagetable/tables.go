package pagetable

import (
	"context"
	"encoding/binary"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/transport"
)

// Tables are the page tables of one address space.
type Tables struct {
	// Root is the physical address of the top-level table.
	Root transport.Address
	// Levels is 4, or 5 with LA57.
	Levels int
}

// Mapping is one mapped page of any size.
type Mapping struct {
	Virtual  oracle.Address
	Physical transport.Address
	// Size in bytes: 4 KiB, 2 MiB or 1 GiB.
	Size uint64
	// Writable and Executable join the permissions of all levels.
	Writable, Executable bool
	// WriteBack is true when the page is cached as ordinary memory is;
	// memory-mapped I/O is not.
	WriteBack bool
	// Outcome is Success for a mapping, Unmapped where there is none, and
	// otherwise that of the table read that failed.
	Outcome transport.Outcome
}

// Translate returns where an address inside the mapping's page lies.
func (m *Mapping) Translate(a oracle.Address) transport.Address {
	return m.Physical + transport.Address(uint64(a)&(m.Size-1))
}

// translates reports whether the tables have an entry for a: whether it is a
// canonical address of the upper half. With 4 levels the processor accepts no
// address whose bits 47 to 63 differ, Intel SDM volume 1, section 3.3.7.1.
func (t Tables) translates(a oracle.Address) bool {
	return int64(a)>>(shift(t.Levels)+8) == -1
}

// step is a walk that has come down to a table.
type step struct {
	virtual oracle.Address
	table   transport.Address
	rights  Entry // writable and noExecute, joined over the levels
}

// top returns the walk of an address before its first table.
func (t Tables) top(a oracle.Address) step {
	return step{virtual: a, table: t.Root, rights: writable}
}

// next follows the entry e of a level.
func (s step) next(e Entry) step {
	s.rights = s.rights&e&writable | (s.rights|e)&noExecute
	s.table = e.Table()
	return s
}

// mapping returns what the leaf entry e of a level maps.
func (s step) mapping(e Entry, level int) Mapping {
	s = s.next(e)
	size := uint64(1) << shift(level)
	return Mapping{
		Virtual:    s.virtual &^ oracle.Address(size-1),
		Physical:   transport.Address(uint64(e&addressBits) &^ (size - 1)),
		Size:       size,
		Writable:   s.rights&writable != 0,
		Executable: s.rights&noExecute == 0,
		WriteBack:  e.writeBack(),
		Outcome:    transport.Success,
	}
}

// Walk translates addresses, all together and level by level: it makes as
// many dependent batches as there are levels. It returns one Mapping for each
// address, in order; of a lower half there is none. reach, if not nil, is
// called with the tables of a level before they are read. The error is that
// of ReadPhysical; walks that it cut short have the outcome NotRead.
func (t Tables) Walk(ctx context.Context, m transport.Memory, addresses []oracle.Address, reach Reach) ([]Mapping, error) {
	mappings := make([]Mapping, len(addresses))
	walks := make([]step, len(addresses))
	active := make([]int, 0, len(addresses))
	for i, a := range addresses {
		if !t.translates(a) {
			mappings[i].Outcome = transport.Unmapped
			continue
		}
		walks[i] = t.top(a)
		active = append(active, i)
	}
	for level := t.Levels; level > 0 && len(active) > 0; level-- {
		reads := make([]transport.Read, len(active))
		backing := make([]byte, 8*len(active))
		for j, i := range active {
			at := walks[i].table + transport.Address(8*index(uint64(addresses[i]), level))
			reads[j] = transport.Read{Address: at, Data: backing[8*j : 8*j+8]}
		}
		reach.pages(reads)
		if err := m.ReadPhysical(ctx, reads); err != nil {
			return mappings, err
		}
		active = descend(level, active, reads, walks, mappings)
	}
	return mappings, nil
}

// descend follows the entries that were read of a level. It fills in the
// mappings of the walks that end here and returns those that go on.
func descend(level int, active []int, reads []transport.Read, walks []step, mappings []Mapping) []int {
	on := active[:0]
	for j, i := range active {
		e := Entry(binary.LittleEndian.Uint64(reads[j].Data))
		switch {
		case reads[j].Outcome != transport.Success:
			mappings[i].Outcome = reads[j].Outcome
		case e.leaf(level) && e.Present() && e.plausibleLeaf(level):
			mappings[i] = walks[i].mapping(e, level)
		case !e.leaf(level) && e.plausibleTable():
			walks[i] = walks[i].next(e)
			on = append(on, i)
		default:
			mappings[i].Outcome = transport.Unmapped
		}
	}
	return on
}

// Reach is told of physical ranges that page tables lead to before they are
// read. A nil Reach is valid.
type Reach func(ranges ...transport.Range)

// pages reports the pages in which reads begin; none of them crosses one.
func (r Reach) pages(reads []transport.Read) {
	if r == nil || len(reads) == 0 {
		return
	}
	var ranges []transport.Range
	seen := make(map[transport.Address]bool, len(reads))
	for i := range reads {
		if page := reads[i].Address.Page(); !seen[page] {
			seen[page] = true
			ranges = append(ranges, transport.Range{Start: page, Length: transport.PageSize})
		}
	}
	r(ranges...)
}
