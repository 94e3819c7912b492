package btf

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/barescope/barescope/oracle/layout"
)

// raw puts a blob together from the words of its type section and a string
// section of "\0int\0".
func raw(words ...uint32) []byte {
	const texts = "\x00int\x00"
	var types []byte
	for _, w := range words {
		types = binary.LittleEndian.AppendUint32(types, w)
	}
	b := []byte{0x9f, 0xeb, 1, 0}
	for _, w := range []uint32{HeaderSize, 0, uint32(len(types)), uint32(len(types)), uint32(len(texts))} {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return append(append(b, types...), texts...)
}

func TestParseChecksRecords(t *testing.T) {
	const integer, pointer, function, structure = 1 << 24, 2 << 24, 12 << 24, 4<<24 | 1
	tests := []struct {
		name  string
		words []uint32
		err   string // a part of it; empty for none
	}{
		{"empty", nil, ""},
		{"integer", []uint32{1, integer, 4, 32}, ""},
		{"pointer to void", []uint32{0, pointer, 0}, ""},
		{"pointer to itself", []uint32{0, pointer, 1}, ""},
		{"kind 0", []uint32{0, 0, 0}, "unknown kind 0"},
		{"kind 31", []uint32{0, 31 << 24, 0}, "unknown kind 31"},
		{"record cut off", []uint32{0, pointer}, "cut off"},
		{"members cut off", []uint32{0, structure, 4, 1, 0}, "cut off"},
		{"dangling pointer", []uint32{0, pointer, 2}, "refers to type 2"},
		{"dangling member", []uint32{0, structure, 4, 1, 9, 0}, "refers to type 9"},
		{"pointer to a function's name", []uint32{1, function, 0, 0, pointer, 1}, "refers to type 1"},
		{"name outside of strings", []uint32{5, integer, 4, 32}, "name at 5"},
		{"name inside of a string", []uint32{2, integer, 4, 32}, "name at 2"},
		{"member's name outside", []uint32{0, structure, 4, 77, 1, 0}, "name at 77"},
	}
	for _, test := range tests {
		types, err := Parse(raw(test.words...))
		if test.err == "" {
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			continue
		}
		if !errors.Is(err, layout.ErrMalformed) || !strings.Contains(err.Error(), test.err) || types != nil {
			t.Errorf("%s: got %v, want an error with %q", test.name, err, test.err)
		}
	}
}

// A chain of references as long as this would exhaust the stack.
func TestParseBoundsChain(t *testing.T) {
	var words []uint32
	for id := range uint32(maxLinks + 1) {
		words = append(words, 0, kindConst<<24, id)
	}
	if _, err := Parse(raw(words...)); !errors.Is(err, layout.ErrMalformed) {
		t.Errorf("got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(blob(f, task()))
	f.Add(raw(1, kindInt<<24, 4, 32, 0, kindPointer<<24, 2))
	f.Fuzz(func(t *testing.T, b []byte) {
		types, err := Parse(b)
		if err != nil {
			if types != nil || !errors.Is(err, layout.ErrMalformed) {
				t.Errorf("got %v, %v", types, err)
			}
			return
		}
		h, _ := parseHeader(b)
		texts := b[h.length+h.textOffset:][:h.textSize]
		for name := range strings.SplitSeq(string(texts), "\x00") {
			for kind := layout.Void; kind <= layout.Func; kind++ {
				typ, err := types.Lookup(kind, name)
				if (err == nil) != (typ != nil && typ.Kind == kind && typ.Name == name) {
					t.Errorf("%v %q: got %v, %v", kind, name, typ, err)
				}
			}
		}
	})
}
