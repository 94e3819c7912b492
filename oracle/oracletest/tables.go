package oracletest

import (
	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/transport"
)

// Bits of page-table entries, Intel SDM volume 3A, figure 4-11.
const (
	Present      uint64 = 0x1
	Writable     uint64 = 0x2
	User         uint64 = 0x4
	WriteThrough uint64 = 0x8
	CacheDisable uint64 = 0x10
	Large        uint64 = 0x80
	NoExecute    uint64 = 0x8000_0000_0000_0000

	// TableBits are what Linux sets in an entry that refers to a table:
	// present, writable, user, accessed, dirty.
	TableBits uint64 = 0x67
)

// The sizes of pages.
const (
	Page4K uint64 = 0x1000
	Page2M uint64 = 0x20_0000
	Page1G uint64 = 0x4000_0000
)

// PageTables are page tables in a Memory.
type PageTables struct {
	Memory *Memory
	// Root is the address of the top-level table, Levels 4 or 5.
	Root   transport.Address
	Levels int
	// Next is where the next table is put.
	Next transport.Address
}

// NewPageTables returns empty page tables; the tables below the root are put
// from next on.
func NewPageTables(m *Memory, levels int, root, next transport.Address) *PageTables {
	m.Zero(root, Page4K)
	return &PageTables{Memory: m, Root: root, Levels: levels, Next: next}
}

// Map maps one page of a size. bits are set in its entry beside Present.
func (p *PageTables) Map(virtual oracle.Address, physical transport.Address, size, bits uint64) {
	depth := map[uint64]int{Page4K: 1, Page2M: 2, Page1G: 3}[size]
	if depth > 1 {
		bits |= Large
	}
	p.Memory.Words(p.Entry(virtual, depth), uint64(physical)|bits|Present)
}

// MapRange maps [virtual, virtual+length) linearly by pages of a size.
func (p *PageTables) MapRange(virtual oracle.Address, physical transport.Address, length, size, bits uint64) {
	for offset := uint64(0); offset < length; offset += size {
		p.Map(virtual+oracle.Address(offset), physical+transport.Address(offset), size, bits)
	}
}

// Entry returns where the entry for a virtual address lies in the table of a
// level, 1 for page tables proper. It makes the tables above it.
func (p *PageTables) Entry(virtual oracle.Address, level int) transport.Address {
	table := p.Root
	for at := p.Levels; ; at-- {
		entry := table + transport.Address(8*(uint64(virtual)>>(12+9*(at-1))&0x1ff))
		if at == level {
			return entry
		}
		if p.Memory.Word(entry) == 0 {
			p.Memory.Zero(p.Next, Page4K)
			p.Memory.Words(entry, uint64(p.Next)|TableBits)
			p.Next += transport.Address(Page4K)
		}
		table = transport.Address(p.Memory.Word(entry) & 0x000f_ffff_ffff_f000)
	}
}
