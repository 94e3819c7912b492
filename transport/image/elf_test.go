package image_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/barescope/barescope/transport/image"
)

// coreHeader is the ELF header of a core dump with two program headers at
// offset 0x40, written by hand from the System V ABI.
const coreHeader = "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00" + // 64 bit, little-endian
	"\x04\x00" + "\x3e\x00" + "\x01\x00\x00\x00" + // ET_CORE, EM_X86_64, EV_CURRENT
	"\x00\x00\x00\x00\x00\x00\x00\x00" + // e_entry
	"\x40\x00\x00\x00\x00\x00\x00\x00" + // e_phoff
	"\x00\x00\x00\x00\x00\x00\x00\x00" + // e_shoff
	"\x00\x00\x00\x00" + "\x40\x00" + "\x38\x00" + "\x02\x00" + // e_flags, e_ehsize, e_phentsize, e_phnum
	"\x40\x00" + "\x00\x00" + "\x00\x00" // e_shentsize, e_shnum, e_shstrndx

// segment returns a program header.
func segment(kind uint32, offset, virtual, physical, fileSize, memorySize uint64) []byte {
	b := binary.LittleEndian.AppendUint32(nil, kind)
	b = binary.LittleEndian.AppendUint32(b, 7) // p_flags
	for _, v := range []uint64{offset, virtual, physical, fileSize, memorySize, 0} {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return b
}

const load, note = 1, 4

// core returns a core dump of two segments whose data starts at offset 0xb0.
func core(first, second []byte, data string) []byte {
	return bytes.Join([][]byte{[]byte(coreHeader), first, second, []byte(data)}, nil)
}

func TestELF(t *testing.T) {
	m := openBytes(t, core(
		segment(load, 0xb0, 0, 0x1000, 4, 8), // memory behind the file's part was not dumped
		segment(load, 0xb4, 0xffff888100000000, 0x100000000, 4, 4), "abcdefgh"))
	check(t, m, 0x1000, 4, []byte("abcd"))
	check(t, m, 0x1004, 1, nil)
	check(t, m, 0x100000000, 4, []byte("efgh"))
}

func TestELFNote(t *testing.T) {
	m := openBytes(t, core(segment(note, 0xb0, 0, 0, 4, 4), segment(load, 0xb4, 0, 0, 4, 4), "abcdefgh"))
	check(t, m, 0, 4, []byte("efgh"))
}

// TestELFOverlap has the kernel's text twice, as /proc/vmcore does.
func TestELFOverlap(t *testing.T) {
	for name, text := range map[string]struct{ offset, physical, size uint64 }{
		"inside":       {0xb2, 0x1002, 2},
		"at the start": {0xb0, 0x1000, 2},
		"at the end":   {0xb6, 0x1006, 2},
		"the same":     {0xb0, 0x1000, 8},
	} {
		t.Run(name, func(t *testing.T) {
			m := openBytes(t, core(
				segment(load, text.offset, 0xffffffff81000000, text.physical, text.size, text.size),
				segment(load, 0xb0, 0xffff888000001000, 0x1000, 8, 8), "abcdefgh"))
			check(t, m, 0x1000, 8, []byte("abcdefgh"))
			check(t, m, 0x1008, 1, nil)
		})
	}
}

// TestELFManySegments has the number of segments in section 0.
func TestELFManySegments(t *testing.T) {
	file := core(segment(load, 0xb0, 0, 0, 4, 4), segment(load, 0xb4, 0, 0x1000, 4, 4), "abcdefgh")
	file[0x28] = 0xb8 // e_shoff
	copy(file[0x38:], "\xff\xff")
	section := make([]byte, 64)
	section[0x2c] = 2 // sh_info
	m := openBytes(t, append(file, section...))
	check(t, m, 0x1000, 4, []byte("efgh"))
}

func TestELFRefused(t *testing.T) {
	good := core(segment(load, 0xb0, 0, 0, 4, 4), segment(load, 0xb4, 0, 0x1000, 4, 4), "abcdefgh")
	patch := func(at int, b ...byte) []byte {
		file := bytes.Clone(good)
		copy(file[at:], b)
		return file
	}
	for name, tc := range map[string]struct {
		file []byte
		want string
	}{
		"truncated data":     {good[:len(good)-1], "bad target: file is truncated: the memory at 0x1000 ends at offset 0xb8, the file at 0xb7"},
		"truncated segments": {good[:0xaf], "bad target: file is truncated: it ends within its 2 program headers"},
		"headers far away":   {patch(0x27, 0xff), "bad target: file is truncated: it ends within its 2 program headers"},
		"truncated header":   {good[:0x3f], "bad target: reading 64 bytes at offset 0x0: EOF"},
		"arm64":              {patch(0x12, 0xb7), "bad target: ELF file is ELFCLASS64 ELFDATA2LSB EM_AARCH64, not of an x86-64 machine"},
		"32 bit":             {patch(4, 1), "bad target: ELF file is ELFCLASS32 ELFDATA2LSB EM_X86_64, not of an x86-64 machine"},
		"executable":         {patch(0x10, 2), "bad target: ELF file is ET_EXEC and no core dump; for raw memory that looks like one, add format=raw"},
		"odd headers":        {patch(0x36, 0x20), "bad target: ELF program headers of 32 bytes, not 56"},
		"no segment":         {patch(0x38, 0), "bad target: ELF core dump of 0 segments"},
		"no section 0":       {patch(0x28, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0x38, 0, 0xff, 0xff), "bad target: reading 64 bytes at offset 0x100: EOF"},
		"notes only":         {core(segment(note, 0xb0, 0, 0, 4, 4), segment(note, 0xb0, 0, 0, 4, 4), "abcd"), "bad target: image holds no memory"},
		"process": {core(segment(load, 0xb0, 0x400000, 0, 4, 4), segment(load, 0xb0, 0x600000, 0, 4, 4), "abcd"),
			"bad target: ELF segments have no physical addresses: this is the core dump of a process"},
		"wrapping segment": {core(segment(load, 0xb0, 0, ^uint64(1), 4, 4), segment(note, 0, 0, 0, 0, 0), "abcd"),
			"bad target: piece 0xfffffffffffffffe:0xb0:0x4 wraps around the address space"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, tc.file, image.Options{}, tc.want) })
	}
}

// TestELFKcore has a segment without a physical address.
func TestELFKcore(t *testing.T) {
	m := openBytes(t, core(segment(load, 0xb0, 0xffffc90000000000, ^uint64(0), 4, 4), segment(load, 0xb4, 0, 0x1000, 4, 4), "abcdefgh"))
	check(t, m, 0x1000, 4, []byte("efgh"))
	if n := len(m.Extent()); n != 1 {
		t.Errorf("%d ranges", n)
	}
}

func FuzzELF(f *testing.F) {
	f.Add(core(segment(load, 0xb0, 0, 0, 4, 4), segment(load, 0xb4, 0, 0x1000, 4, 4), "abcdefgh"))
	f.Add(core(segment(load, 0xb0, 0, 0x1000, 8, 8), segment(load, 0xb2, 1, 0x1002, 4, 4), "abcdefgh"))
	f.Fuzz(func(t *testing.T, file []byte) { fuzzOpen(t, file, image.ELF) })
}
