package dump

import (
	"debug/elf"
	"encoding/binary"
	"fmt"

	"github.com/barescope/barescope/transport"
)

// Core is what an ELF core dump tells about the kernel besides its memory.
type Core struct {
	// PageOffset is the virtual address at which the kernel maps physical
	// address 0: the start of its direct map.
	PageOffset uint64
	// VMCoreInfo is the kernel's own description for tools that read core
	// dumps. It is required: they find nothing without it.
	VMCoreInfo []byte
	// CPUs is the number of processors, each of which gets a note.
	CPUs int
}

// Sizes of ELF's structures, in bytes.
const (
	elfHeaderSize  = 64
	elfProgramSize = 56
)

const (
	// maxSegments is how many program headers e_phnum can say.
	maxSegments = 0xfffe
	// maxCPUs and maxVMCoreInfo bound the notes. Linux has at most 8192
	// processors on x86-64 (NR_CPUS), and one page of VMCOREINFO.
	maxCPUs       = 8192
	maxVMCoreInfo = 64 << 10
)

// coreParts lays out an ELF core dump as the kernel lays out /proc/vmcore: one
// segment of notes and one for each range, which has its physical address and
// its address in the direct map. Memory begins at a page's boundary of the file,
// so that pages of zeros can be holes.
func coreParts(ranges []transport.Range, c Core) ([]part, error) {
	switch {
	case len(c.VMCoreInfo) == 0 || len(c.VMCoreInfo) > maxVMCoreInfo:
		return nil, fmt.Errorf("%w: VMCOREINFO of %d bytes", ErrBadOptions, len(c.VMCoreInfo))
	case c.CPUs < 0 || c.CPUs > maxCPUs:
		return nil, fmt.Errorf("%w: %d processors", ErrBadOptions, c.CPUs)
	case len(ranges) >= maxSegments:
		return nil, fmt.Errorf("%w: %d ranges are too many for an ELF file", ErrBadOptions, len(ranges))
	}
	notes := c.notes()
	programs := []elf.Prog64{{
		Type: uint32(elf.PT_NOTE), Off: elfHeaderSize + elfProgramSize*uint64(len(ranges)+1),
		Filesz: uint64(len(notes)), Memsz: uint64(len(notes)), Align: 4,
	}}
	parts := make([]part, 1, len(ranges)+1)
	at := programs[0].Off + programs[0].Filesz
	for _, r := range ranges {
		at = nextPage(at) + uint64(r.Start)%transport.PageSize
		parts = append(parts, part{offset: at, memory: r})
		programs = append(programs, elf.Prog64{
			Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_W | elf.PF_X), Align: transport.PageSize,
			Off: at, Vaddr: c.PageOffset + uint64(r.Start), Paddr: uint64(r.Start), Filesz: r.Length, Memsz: r.Length,
		})
		at += r.Length
	}
	parts[0].text = append(coreHeader(programs), notes...)
	return parts, nil
}

func nextPage(at uint64) uint64 { return (at + transport.PageSize - 1) &^ (transport.PageSize - 1) }

// coreHeader returns the ELF header and the program headers.
func coreHeader(programs []elf.Prog64) []byte {
	h := elf.Header64{
		Ident: [elf.EI_NIDENT]byte{
			0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT), byte(elf.ELFOSABI_NONE),
		},
		Type: uint16(elf.ET_CORE), Machine: uint16(elf.EM_X86_64), Version: uint32(elf.EV_CURRENT),
		Phoff: elfHeaderSize, Ehsize: elfHeaderSize, Phentsize: elfProgramSize, Phnum: uint16(len(programs)),
	}
	size := elfHeaderSize + elfProgramSize*len(programs)
	b := encode(make([]byte, 0, size), &h)
	return encode(b, programs)
}

// encode appends a structure of ELF, all of which have a fixed size.
func encode(b []byte, structure any) []byte {
	n := len(b)
	b = append(b, make([]byte, binary.Size(structure))...)
	_, _ = binary.Encode(b[n:], binary.LittleEndian, structure) // there is room, and the size is fixed
	return b
}
