package pagetable

import "github.com/barescope/barescope/transport"

// Entry is an entry of a page table of any level.
type Entry uint64

// Bits of an entry, Intel SDM volume 3A, tables 4-15 to 4-20.
const (
	present      Entry = 1 << 0
	writable     Entry = 1 << 1
	user         Entry = 1 << 2
	writeThrough Entry = 1 << 3
	cacheDisable Entry = 1 << 4
	accessed     Entry = 1 << 5
	large        Entry = 1 << 7
	noExecute    Entry = 1 << 63

	// addressBits hold a physical address of up to 52 bits.
	addressBits Entry = 0x000f_ffff_ffff_f000
)

// Present reports whether the entry maps anything.
func (e Entry) Present() bool { return e&present != 0 }

// Table returns the physical address of the table that a non-leaf entry
// refers to.
func (e Entry) Table() transport.Address { return transport.Address(e & addressBits) }

// leaf reports whether the entry of a level maps a page itself. Level 1 is
// the page table proper; 2 and 3 can map 2 MiB and 1 GiB.
func (e Entry) leaf(level int) bool { return level == 1 || level <= 3 && e&large != 0 }

// writeBack reports whether the page is cached as ordinary memory is. Linux
// programs the page attribute table so that entry 0, neither PWT nor PCD, is
// write-back, with the PAT bit (entry 4) or without.
func (e Entry) writeBack() bool { return e&(writeThrough|cacheDisable) == 0 }

// plausibleTable reports whether the entry could refer to a table: present,
// not large, the bits clear that Linux never sets there, and an address that
// a machine of today can have. Only such entries are followed: what looks
// otherwise was never written by a kernel, and leads anywhere.
func (e Entry) plausibleTable() bool {
	const ignored = accessed | 1<<6 | writable | user | present | noExecute
	return e.Present() && e&^(ignored|addressBits) == 0 && e.Table() != 0 && uint64(e.Table())>>maxPhysicalBits == 0
}

// plausibleLeaf reports whether the entry of a level could map a page: the
// processor faults on one whose address is not a multiple of the page's size.
// Bit 12 of a large page belongs to the page attribute table.
func (e Entry) plausibleLeaf(level int) bool {
	const attribute Entry = 1 << 12
	inside := Entry(1)<<shift(level) - 1
	return level == 1 || e&addressBits&inside&^attribute == 0
}

// maxPhysicalBits bounds physical addresses that are believed before anything
// is known of the machine: 46 bits are 64 TiB, all that 4-level paging maps
// directly.
const maxPhysicalBits = 46

// shift returns the number of address bits below what a level translates.
func shift(level int) uint { return uint(12 + 9*(level-1)) }

// index returns the index into a table of a level for a virtual address.
func index(a uint64, level int) uint64 { return a >> shift(level) & 511 }
