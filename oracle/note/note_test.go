package note_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle/note"
)

// elf returns a note as an ELF file has it, padded to four bytes.
func elf(kind uint32, name string, desc []byte) []byte {
	b := sizes(uint32(len(name)), uint32(len(desc)), kind)
	b = pad(append(b, name...))
	return pad(append(b, desc...))
}

func sizes(name, desc, kind uint32) []byte {
	b := binary.LittleEndian.AppendUint32(nil, name)
	b = binary.LittleEndian.AppendUint32(b, desc)
	return binary.LittleEndian.AppendUint32(b, kind)
}

func pad(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0xee)
	}
	return b
}

func TestBuildID(t *testing.T) {
	id := []byte{0xab, 0xcd, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}
	build := elf(3, "GNU\x00", id)
	linux := elf(0x100, "Linux\x00", []byte{1})
	tests := map[string]struct {
		notes, want []byte
	}{
		"alone":                        {build, id},
		"behind padded notes":          {bytes.Join([][]byte{linux, elf(1, "", nil), elf(6, "Xen\x00", []byte{1, 2, 3}), build}, nil), id},
		"before others":                {append(bytes.Clone(build), linux...), id},
		"first of two":                 {append(bytes.Clone(build), elf(3, "GNU\x00", []byte{1})...), id},
		"of one byte, padding missing": {elf(3, "GNU\x00", []byte{7})[:17], []byte{7}},
		"of 64 bytes":                  {elf(3, "GNU\x00", make([]byte, 64)), make([]byte, 64)},
		"of 65 bytes":                  {elf(3, "GNU\x00", make([]byte, 65)), nil},
		"of no byte":                   {elf(3, "GNU\x00", nil), nil},
		"other type":                   {elf(1, "GNU\x00", id), nil},
		"other name":                   {elf(3, "GNV\x00", id), nil},
		"name without its NUL":         {elf(3, "GNU", id), nil},
		"longer name":                  {elf(3, "GNU\x00\x00\x00\x00\x00", id), nil},
		"cut short":                    {build[:len(build)-1], nil},
		"cut in its name":              {build[:14], nil},
		"cut in its sizes":             {build[:11], nil},
		"hostile name size":            {append(sizes(0xffffffff, 20, 3), build...), nil},
		"hostile name size, padded":    {append(sizes(0xfffffffd, 20, 3), build...), nil},
		"hostile descriptor size":      {append(sizes(4, 0xffffffff, 3), "GNU\x00abcd"...), nil},
		"both hostile":                 {append(sizes(0xffffffff, 0xffffffff, 3), build...), nil},
		"zeros":                        {make([]byte, 4096), nil},
		"nothing":                      {nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, note.BuildID(tt.notes)); diff != "" {
				t.Errorf("BuildID (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzBuildID(f *testing.F) {
	f.Add(elf(3, "GNU\x00", []byte{1, 2, 3, 4}))
	f.Add(append(sizes(0xfffffffd, 0xffffffff, 3), "GNU\x00"...))
	f.Fuzz(func(t *testing.T, notes []byte) {
		id := note.BuildID(notes)
		if len(id) > 64 || len(id) == 0 && id != nil || !bytes.Contains(notes, id) {
			t.Errorf("build id of %d bytes: %x", len(id), id)
		}
		if id != nil && !cmp.Equal(note.BuildID(elf(3, "GNU\x00", id)), id) {
			t.Errorf("build id %x is none in a note of its own", id)
		}
	})
}
