package dump

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"slices"

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
	// Image is where the kernel's own image lies in physical memory,
	// ImageBase its virtual address. Tools read page tables that lie in it
	// before they can translate anything.
	Image     transport.Range
	ImageBase uint64
}

// Sizes of ELF's structures, in bytes.
const (
	elfHeaderSize  = 64
	elfProgramSize = 56
)

const (
	// maxSegments is how many program headers e_phnum can say.
	maxSegments = 0xfffd
	// maxCPUs and maxVMCoreInfo bound the notes. Linux has at most 8192
	// processors on x86-64 (NR_CPUS), and one page of VMCOREINFO.
	maxCPUs       = 8192
	maxVMCoreInfo = 64 << 10
)

// coreParts lays out an ELF core dump as the kernel lays out /proc/vmcore: a
// segment of notes, one of the kernel's image at its own address, and one for
// each range at its address in the direct map. The image lies in one of the
// ranges, so its segment names bytes that another one names too; it is left out
// when it is not dumped. Memory begins at a page's boundary of the file, so that
// pages of zeros can be holes.
func coreParts(ranges []transport.Range, c Core) ([]part, error) {
	switch {
	case len(c.VMCoreInfo) == 0 || len(c.VMCoreInfo) > maxVMCoreInfo:
		return nil, fmt.Errorf("%w: VMCOREINFO of %d bytes", ErrBadOptions, len(c.VMCoreInfo))
	case c.CPUs < 0 || c.CPUs > maxCPUs:
		return nil, fmt.Errorf("%w: %d processors", ErrBadOptions, c.CPUs)
	case len(ranges) >= maxSegments:
		return nil, fmt.Errorf("%w: %d ranges are too many for an ELF file", ErrBadOptions, len(ranges))
	}
	programs := make([]elf.Prog64, 1, len(ranges)+2)
	if slices.ContainsFunc(ranges, c.holdsImage) {
		programs = programs[:2]
	}
	notes, headers := c.notes(), elfHeaderSize+elfProgramSize*uint64(len(programs)+len(ranges))
	programs[0] = elf.Prog64{Type: uint32(elf.PT_NOTE), Off: headers, Filesz: uint64(len(notes)), Memsz: uint64(len(notes))}
	parts := make([]part, 1, len(ranges)+1)
	at := headers + uint64(len(notes))
	for _, r := range ranges {
		at = nextPage(at) + uint64(r.Start)%transport.PageSize
		parts = append(parts, part{offset: at, memory: r})
		programs = append(programs, load(r, c.PageOffset+uint64(r.Start), at))
		if c.holdsImage(r) {
			programs[1] = load(c.Image, c.ImageBase, at+uint64(c.Image.Start-r.Start))
		}
		at += r.Length
	}
	parts[0].text = append(coreHeader(programs), notes...)
	return parts, nil
}

func (c Core) holdsImage(r transport.Range) bool { return c.Image.Length > 0 && r.Contains(c.Image) }

// load returns the segment of memory that lies at an offset of the file. It
// has no alignment: by that crash tells the core dump of a kernel from other
// formats that it knows.
func load(r transport.Range, virtual, offset uint64) elf.Prog64 {
	return elf.Prog64{
		Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_W | elf.PF_X),
		Off: offset, Vaddr: virtual, Paddr: uint64(r.Start), Filesz: r.Length, Memsz: r.Length,
	}
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
