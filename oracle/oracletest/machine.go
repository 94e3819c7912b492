package oracletest

import (
	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/transport"
)

const (
	// Banner is that of every Machine's kernel.
	Banner = "Linux version 6.1.0-test (nobody@nowhere) (gcc 12) #1 SMP Tue"
	// TrampolineRoot is where a Machine's trampoline has its page table.
	TrampolineRoot transport.Address = 0x9c000

	mebibyte = 1 << 20
)

// LowMemory is what is RAM on every PC.
var LowMemory = transport.Range{Start: 0x1000, Length: 0x9e000}

// Place is where a kernel lies: 4 MiB of text, 2 of read-only data, 2 of data
// and then its page tables, 4 or 5 levels of them.
type Place struct {
	Virtual  oracle.Address
	Physical transport.Address
	Levels   int
}

// FourLevels and FiveLevels are two places.
var (
	FourLevels = Place{0xffffffff9c200000, 0x2a200000, 4}
	FiveLevels = Place{0xffffffff8d600000, 0x39400000, 5}
)

// Machine is a machine with a kernel.
type Machine struct {
	*Memory
	Tables *PageTables
	Place  Place
}

// NewMachine boots a kernel: low memory is there, the trampoline in it leads
// to the image, which is mapped with its permissions and begins its read-only
// data with a banner, and to a direct map of the first gigabyte.
func NewMachine(p Place) *Machine {
	m := NewMemory()
	m.Exist(LowMemory, transport.Range{Start: p.Physical, Length: 8 * mebibyte})
	k := &Machine{m, NewPageTables(m, p.Levels, TrampolineRoot, p.Physical+8*mebibyte), p}
	for i, bits := range []uint64{0, 0, NoExecute, NoExecute | Writable} {
		offset := uint64(i) * Page2M
		k.Tables.Map(p.Virtual+oracle.Address(offset), p.Physical+transport.Address(offset), Page2M, bits)
	}
	if p.Levels == 4 {
		// The fixed mappings, which lie in the table next to the image's.
		k.Tables.Map(0xffffffffff5fb000, 0xfed00000, Page4K, CacheDisable|NoExecute)
	} else {
		// A stack for exceptions (espfix) has the entry that the image
		// has with 4 levels.
		k.Tables.Map(0xffffff0000000000, p.Physical+6*mebibyte, Page4K, NoExecute)
	}
	k.Tables.Map(k.DirectMap(), 0, Page1G, NoExecute|Writable)
	m.Words(TrampolineRoot, 0x9d000|TableBits)
	k.PutBanner(k.Rodata(), Banner)
	return k
}

// DirectMap returns where the direct map begins: as without KASLR.
func (k *Machine) DirectMap() oracle.Address {
	if k.Place.Levels == 5 {
		return 0xff11000000000000
	}
	return 0xffff888000000000
}

// Rodata returns where the read-only data begins.
func (k *Machine) Rodata() transport.Address { return k.Place.Physical + 4*mebibyte }

// PutBanner puts a banner at an address.
func (k *Machine) PutBanner(a transport.Address, text string) { k.Write(a, []byte(text+"\n\x00")) }

// EraseBanner takes the kernel's banner away.
func (k *Machine) EraseBanner() { k.Zero(k.Rodata(), 256) }

// CopyPage copies a page.
func (k *Machine) CopyPage(to, from transport.Address) {
	for i := transport.Address(0); i < transport.PageSize; i += 8 {
		k.Words(to+i, k.Word(from+i))
	}
}
