package dump

import (
	"debug/elf"
	"encoding/binary"
)

const (
	// prstatusSize is the size of struct elf_prstatus on x86-64
	// (include/linux/elfcore.h).
	prstatusSize = 336
	// typeVMCoreInfo is the type that the kernel gives its note.
	typeVMCoreInfo = 0
)

// notes returns the core dump's notes in the order of /proc/vmcore. Those of
// the processors say nothing: registers are not in memory. They are there
// because crash counts them, and takes stack pointers that lie in no stack, as
// zero does, for registers that were not saved.
func (c Core) notes() []byte {
	var b []byte
	var status [prstatusSize]byte
	for range c.CPUs {
		b = appendNote(b, "CORE", uint32(elf.NT_PRSTATUS), status[:])
	}
	return appendNote(b, "VMCOREINFO", typeVMCoreInfo, c.VMCoreInfo)
}

// appendNote appends a note: length of the name with its zero, length of the
// descriptor, type, and both padded to four bytes (ELF gABI, "Note Section").
func appendNote(b []byte, name string, kind uint32, descriptor []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(name)+1))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(descriptor)))
	b = binary.LittleEndian.AppendUint32(b, kind)
	b = pad(append(append(b, name...), 0))
	return pad(append(b, descriptor...))
}

// pad appends zeros up to a multiple of four; what precedes the first note has
// such a length.
func pad(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}
