package image

import (
	"cmp"
	"debug/elf"
	"fmt"
	"io"
	"slices"

	"github.com/barescope/barescope/transport"
)

const (
	elfHeaderSize  = 64
	elfProgSize    = 56
	elfSectionSize = 64
	// moreSegments in e_phnum says that section 0 has the true number in
	// sh_info (PN_XNUM of the System V ABI; QEMU writes it).
	moreSegments = 0xffff
	// noAddress is what /proc/kcore gives as physical address of a segment
	// that has none.
	noAddress = ^uint64(0)
)

// parseELF returns where the memory of a core dump lies. Only the program
// headers are used, and read here rather than by debug/elf, which would take
// the section headers of a hostile file with them. The error wraps
// [transport.ErrBadTarget].
func parseELF(file io.ReaderAt, size uint64) ([]Piece, error) {
	h, err := readELFHeader(file)
	if err != nil {
		return nil, err
	}
	count, err := countSegments(file, h)
	if err != nil {
		return nil, err
	}
	if h.Phoff > size || count*elfProgSize > size-h.Phoff {
		return nil, fmt.Errorf("%w: file is truncated: it ends within its %d program headers", transport.ErrBadTarget, count)
	}
	progs := make([]elf.Prog64, count)
	if err := decodeAt(file, h.Phoff, int(count*elfProgSize), progs); err != nil {
		return nil, err
	}
	return segmentPieces(progs)
}

func readELFHeader(file io.ReaderAt) (elf.Header64, error) {
	var h elf.Header64
	if err := decodeAt(file, 0, elfHeaderSize, &h); err != nil {
		return h, err
	}
	class, data := elf.Class(h.Ident[elf.EI_CLASS]), elf.Data(h.Ident[elf.EI_DATA])
	kind, machine := elf.Type(h.Type), elf.Machine(h.Machine)
	switch {
	case string(h.Ident[:4]) != elf.ELFMAG:
		return h, fmt.Errorf("%w: no ELF header", transport.ErrBadTarget)
	case class != elf.ELFCLASS64 || data != elf.ELFDATA2LSB || machine != elf.EM_X86_64:
		return h, fmt.Errorf("%w: ELF file is %v %v %v, not of an x86-64 machine", transport.ErrBadTarget, class, data, machine)
	case kind != elf.ET_CORE:
		return h, fmt.Errorf("%w: ELF file is %v and no core dump; for raw memory that looks like one, add format=raw",
			transport.ErrBadTarget, kind)
	case h.Phentsize != elfProgSize:
		return h, fmt.Errorf("%w: ELF program headers of %d bytes, not %d", transport.ErrBadTarget, h.Phentsize, elfProgSize)
	}
	return h, nil
}

func countSegments(file io.ReaderAt, h elf.Header64) (uint64, error) {
	count := uint64(h.Phnum)
	if count == moreSegments {
		var section elf.Section64
		if err := decodeAt(file, h.Shoff, elfSectionSize, &section); err != nil {
			return 0, err
		}
		count = uint64(section.Info)
	}
	if count == 0 || count > maxPieces {
		return 0, fmt.Errorf("%w: ELF core dump of %d segments", transport.ErrBadTarget, count)
	}
	return count, nil
}

// segmentPieces returns the memory that segments have in the file. Segments
// may overlap: the kernel lists its text a second time, at its place in the
// direct map and at its own. It is the same memory, so one of them is enough.
func segmentPieces(progs []elf.Prog64) ([]Piece, error) {
	var pieces []Piece
	virtual, physical := false, false
	for _, p := range progs {
		if elf.ProgType(p.Type) != elf.PT_LOAD || p.Filesz == 0 || p.Paddr == noAddress {
			continue
		}
		piece := Piece{Physical: transport.Address(p.Paddr), Offset: p.Off, Length: p.Filesz}
		if err := piece.check(); err != nil {
			return nil, err
		}
		pieces = append(pieces, piece)
		virtual, physical = virtual || p.Vaddr != 0, physical || p.Paddr != 0
	}
	if len(pieces) > 1 && virtual && !physical {
		return nil, fmt.Errorf("%w: ELF segments have no physical addresses: this is the core dump of a process", transport.ErrBadTarget)
	}
	return withoutOverlap(pieces), nil
}

func withoutOverlap(pieces []Piece) []Piece {
	slices.SortStableFunc(pieces, func(a, b Piece) int { return cmp.Compare(a.Physical, b.Physical) })
	kept := pieces[:0]
	var end transport.Address
	for _, p := range pieces {
		if skip := uint64(end - min(p.Physical, end)); skip > 0 {
			if skip >= p.Length {
				continue
			}
			p = Piece{Physical: end, Offset: p.Offset + skip, Length: p.Length - skip}
		}
		kept, end = append(kept, p), p.Range().End()
	}
	return kept
}
