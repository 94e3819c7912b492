package pagetable

import (
	"encoding/binary"

	"github.com/barescope/barescope/transport"
)

// LastEntry is the offset of the last entry in a table: in a top-level one it
// leads to the kernel's image.
const LastEntry = transport.PageSize - 8

// PlausibleTop reports whether a top-level entry could lead to tables. It is
// a first look that costs eight bytes; [KernelRoot] and [TrampolineRoot] look
// at the whole table.
func PlausibleTop(e Entry) bool { return e.plausibleTable() }

// TrampolineRoot reports whether a page could be trampoline_pgd, the table
// that the real-mode trampoline of a starting processor loads: its entry 0
// maps low memory, the rest of its lower half is empty, and its upper half is
// that of the kernel's own table.
func TrampolineRoot(page []byte) bool {
	if len(page) != transport.PageSize || !entryAt(page, 0).plausibleTable() {
		return false
	}
	for i := 1; i < 256; i++ {
		if entryAt(page, i) != 0 {
			return false
		}
	}
	return KernelRoot(page)
}

// KernelRoot reports whether a page could be a top-level table whose upper
// half maps a kernel: each entry there is empty or a plausible table, and the
// last one is a table.
func KernelRoot(page []byte) bool {
	if len(page) != transport.PageSize || !entryAt(page, 511).plausibleTable() {
		return false
	}
	for i := 256; i < 512; i++ {
		if e := entryAt(page, i); e != 0 && !e.plausibleTable() {
			return false
		}
	}
	return true
}

// FirstUpper returns the index of the first entry in use in the upper half of
// a top-level table: where the direct map begins. It returns 512 when there
// is none.
func FirstUpper(page []byte) int {
	for i := 256; i < len(page)/8; i++ {
		if entryAt(page, i).Present() {
			return i
		}
	}
	return 512
}

func entryAt(page []byte, i int) Entry {
	return Entry(binary.LittleEndian.Uint64(page[8*i:]))
}
