package dump

import (
	"debug/elf"
	"encoding/binary"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/transport"
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
	var loads []transport.Range
	for _, p := range f.Progs[1:] {
		loads = append(loads, transport.Range{Start: transport.Address(p.Paddr), Length: p.Filesz})
		switch {
		case p.Type != elf.PT_LOAD || p.Filesz != p.Memsz:
			t.Errorf("segment: %+v", p.ProgHeader)
		case p.Vaddr != 0xffff888000000000+p.Paddr:
			t.Errorf("memory at %#x has virtual address %#x", p.Paddr, p.Vaddr)
		case p.Off%transport.PageSize != p.Vaddr%p.Align:
			t.Errorf("memory at %#x has offset %#x", p.Paddr, p.Off)
		}
	}
	if diff := cmp.Diff(some, loads); diff != "" {
		t.Error(diff)
	}
	notes, err := io.ReadAll(f.Progs[0].Open())
	if err != nil {
		t.Fatal(err)
	}
	want := []noteSeen{{"CORE\x00", 1, 336}, {"CORE\x00", 1, 336}, {"VMCOREINFO\x00", 0, 16}}
	if diff := cmp.Diff(want, parseNotes(t, notes)); diff != "" {
		t.Error(diff)
	}
	if f.Progs[0].Type != elf.PT_NOTE || string(notes[len(notes)-16:]) != "OSRELEASE=6.1.0\n" {
		t.Errorf("notes: %q", notes)
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
