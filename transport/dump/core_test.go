package dump

import (
	"debug/elf"
	"encoding/binary"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCore(t *testing.T) {
	m := write(t, what(ELF, &machine{sound: true}))
	f, err := elf.Open(m.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Type != elf.ET_CORE || f.Machine != elf.EM_X86_64 || f.Class != elf.ELFCLASS64 || f.Data != elf.ELFDATA2LSB {
		t.Errorf("header: %+v", f.FileHeader)
	}
	want := []elf.ProgHeader{
		{Type: elf.PT_NOTE, Off: 64 + 5*56, Filesz: 752, Memsz: 752},
		{Vaddr: 0xffffffff89600000, Paddr: 0x110000, Off: 0xb0000, Filesz: 0x8000},
		{Vaddr: 0xffff888000001000, Paddr: 0x1000, Off: 0x1000, Filesz: 0x9ec00},
		{Vaddr: 0xffff888000100000, Paddr: 0x100000, Off: 0xa0000, Filesz: 0x100000},
		{Vaddr: 0xffff888000400800, Paddr: 0x400800, Off: 0x1a0800, Filesz: 0x20000},
	}
	for i := range want[1:] {
		p := &want[i+1]
		p.Type, p.Flags, p.Memsz = elf.PT_LOAD, elf.PF_R|elf.PF_W|elf.PF_X, p.Filesz
	}
	var got []elf.ProgHeader
	for _, p := range f.Progs {
		got = append(got, p.ProgHeader)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	notes, err := io.ReadAll(f.Progs[0].Open())
	if err != nil {
		t.Fatal(err)
	}
	wantNotes := []noteSeen{{"CORE\x00", 1, 336}, {"CORE\x00", 1, 336}, {"VMCOREINFO\x00", 0, 16}}
	if diff := cmp.Diff(wantNotes, parseNotes(t, notes)); diff != "" {
		t.Error(diff)
	}
	if text := string(notes[len(notes)-16:]); text != "OSRELEASE=6.1.0\n" {
		t.Errorf("VMCOREINFO is %q", text)
	}
}

// TestCoreWithoutImage dumps a part of memory in which the kernel does not lie.
func TestCoreWithoutImage(t *testing.T) {
	o := what(ELF, nil)
	parts, err := coreParts(some[:1], o.Core)
	if err != nil {
		t.Fatal(err)
	}
	if n := binary.LittleEndian.Uint16(parts[0].text[0x38:]); n != 2 {
		t.Errorf("%d segments, want notes and memory", n)
	}
}

type noteSeen struct {
	Name       string
	Type, Size uint32
}

func parseNotes(t *testing.T, b []byte) []noteSeen {
	t.Helper()
	var seen []noteSeen
	for len(b) > 0 {
		nameSize, size := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
		seen = append(seen, noteSeen{string(b[12:][:nameSize]), binary.LittleEndian.Uint32(b[8:]), size})
		b = b[12+(nameSize+3)&^3+(size+3)&^3:]
	}
	return seen
}
