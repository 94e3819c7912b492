package layout

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var (
	char    = &Type{Kind: Int, Name: "char", Size: 1, Char: true}
	integer = &Type{Kind: Int, Name: "int", Size: 4, Signed: true}
	long    = &Type{Kind: Int, Name: "unsigned long", Size: 8}
)

func array(count uint64, elem *Type) *Type { return &Type{Kind: Array, Count: count, Elem: elem} }

func typedef(name string, of *Type) *Type { return &Type{Kind: Typedef, Name: name, Elem: of} }

// sample has embedded, anonymous and doubly anonymous members.
func sample() *Type {
	key := &Type{Kind: Struct, Name: "key", Size: 12, Members: []Member{
		{Name: "hash", Type: integer},
		{Name: "name", Type: array(2, array(4, char)), Offset: 32},
	}}
	halves := &Type{Kind: Struct, Size: 8, Members: []Member{
		{Name: "low", Type: integer},
		{Name: "high", Type: integer, Offset: 32},
	}}
	return &Type{Kind: Struct, Name: "sample", Size: 72, Members: []Member{
		{Name: "flags", Type: integer},
		{Name: "keys", Type: array(3, typedef("key_t", key)), Offset: 64},
		{Type: &Type{Kind: Union, Size: 8, Members: []Member{{Name: "whole", Type: long}, {Type: halves}}}, Offset: 384},
		{Name: "narrow", Type: integer, Offset: 453, BitSize: 7},
		{Name: "broad", Type: long, Offset: 461, BitSize: 60},
		{Name: "next", Type: &Type{Kind: Pointer, Size: 8, Elem: &Type{Kind: Struct, Name: "sample", Forward: true}}, Offset: 528},
		{Name: "tail", Type: array(0, key), Offset: 576},
	}}
}

func TestField(t *testing.T) {
	tests := []struct {
		path              string
		offset, size      uint64
		bitShift, bitSize uint8
		label             string
		unknown           bool
	}{
		{path: "flags", offset: 0, size: 4, label: "int"},
		{path: "keys", offset: 8, size: 36, label: "array"},
		{path: "keys[2]", offset: 32, size: 12, label: "key_t"},
		{path: "keys[1].name", offset: 24, size: 8, label: "array"},
		{path: "keys[1].name[1][2]", offset: 30, size: 1, label: "char"},
		{path: "whole", offset: 48, size: 8, label: "unsigned long"},
		{path: "high", offset: 52, size: 4, label: "int"},
		{path: "narrow", offset: 56, size: 2, bitShift: 5, bitSize: 7, label: "int"},
		{path: "broad", offset: 57, size: 9, bitShift: 5, bitSize: 60, label: "unsigned long"},
		{path: "next", offset: 66, size: 8, label: "pointer"},
		{path: "tail", offset: 72, size: 0, label: "array"},
		{path: "", unknown: true},
		{path: "none", unknown: true},
		{path: "flags.none", unknown: true},
		{path: "flags[0]", unknown: true},
		{path: "narrow.none", unknown: true},
		{path: "keys.hash", unknown: true},
		{path: "keys[3]", unknown: true},
		{path: "keys[0", unknown: true},
		{path: "keys[]", unknown: true},
		{path: "keys[-1]", unknown: true},
		{path: "keys[+1]", unknown: true},
		{path: "keys[1x]", unknown: true},
		{path: "keys[1]x", unknown: true},
		{path: "keys[1].name[1]x[2]", unknown: true},
		{path: "keys[99999999999999999999]", unknown: true},
		{path: "keys[1]..hash", unknown: true},
		{path: "next.flags", unknown: true},
		{path: "tail[0]", unknown: true},
	}
	s := typedef("sample_t", sample())
	for _, test := range tests {
		got, err := s.Field(test.path)
		if test.unknown {
			if !errors.Is(err, ErrUnknownMember) || got != (Field{}) || s.Has(test.path) {
				t.Errorf("%s: got %+v, %v", test.path, got, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.path, err)
			continue
		}
		if got.Type.Label() != test.label || !s.Has(test.path) {
			t.Errorf("%s: is %s, want %s", test.path, got.Type.Label(), test.label)
		}
		want := Field{Path: test.path, Type: got.Type, Offset: test.offset, Size: test.size, BitShift: test.bitShift, BitSize: test.bitSize}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", test.path, diff)
		}
		if got.End() != test.offset+test.size {
			t.Errorf("%s: ends at %d", test.path, got.End())
		}
	}
}

func TestFieldRefusesMalformed(t *testing.T) {
	with := func(m Member) *Type { return &Type{Kind: Struct, Name: "s", Members: []Member{m}} }
	tests := map[string]struct {
		typ  *Type
		path string
	}{
		"offset too large":      {with(Member{Name: "m", Type: integer, Offset: 1 << 40}), "m"},
		"size too large":        {with(Member{Name: "m", Type: array(1<<62, long)}), "m"},
		"index overflows":       {with(Member{Name: "m", Type: array(math.MaxUint64, long)}), "m[2305843009213693952]"},
		"nested offset wraps":   {with(Member{Type: with(Member{Name: "m", Type: integer, Offset: math.MaxUint64 - 7}), Offset: 8}), "m"},
		"not on a byte":         {with(Member{Name: "m", Type: integer, Offset: 3}), "m"},
		"bit-field too wide":    {with(Member{Name: "m", Type: long, BitSize: 65}), "m"},
		"bit-field width wraps": {with(Member{Name: "m", Type: long, BitSize: 256}), "m"},
		"array of bit-fields":   {with(Member{Name: "m", Type: array(2, long), BitSize: 3}), "m[1]"},
	}
	for name, test := range tests {
		if got, err := test.typ.Field(test.path); !errors.Is(err, ErrMalformed) || got != (Field{}) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

// A type that refers to itself, by whichever way, must end every walk.
func TestSelfReference(t *testing.T) {
	alias := typedef("alias", nil)
	alias.Elem = alias
	row := array(2, nil)
	row.Elem = row
	inside := &Type{Kind: Struct, Size: 8}
	inside.Members = []Member{{Type: inside}, {Name: "last", Type: row}, {Name: "alias", Type: alias}}
	for _, typ := range []*Type{nil, alias, row, inside} {
		if typ.Has("none") {
			t.Errorf("%s has a member that it has not", typ.Label())
		}
	}
	for _, path := range []string{"last", "last[1][1]", "alias"} {
		if f, err := inside.Field(path); err != nil || f.Size != 0 {
			t.Errorf("%s: got %+v, %v", path, f, err)
		}
	}
}

// Twice as many paths with each level: only types, not paths, may be walked.
func TestFieldInSharedMembers(t *testing.T) {
	shared := &Type{Kind: Struct, Size: 4, Members: []Member{{Name: "deep", Type: integer}}}
	for range 64 {
		shared = &Type{Kind: Union, Size: 4, Members: []Member{{Type: shared}, {Type: shared}}}
	}
	if !shared.Has("deep") || shared.Has("none") {
		t.Error("wrong member found")
	}
}

// What lies where must not depend on whether a member is named on the way.
func TestFieldAddsOffsets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ, path, want := &Type{Kind: Struct, Size: 4, Members: []Member{{Name: "leaf", Type: integer}}}, "leaf", uint64(0)
		for _, offset := range rapid.SliceOfN(rapid.Uint64Range(0, 1<<16), 0, 20).Draw(t, "offsets") {
			m := Member{Type: typ, Offset: offset * 8}
			if rapid.Bool().Draw(t, "named") {
				m.Name, path = "m", "m."+path
			}
			typ, want = &Type{Kind: Struct, Members: []Member{m}}, want+offset
		}
		if f, err := typ.Field(path); err != nil || f.Offset != want || f.Size != 4 {
			t.Fatalf("%s: got %+v, %v; want offset %d", path, f, err, want)
		}
	})
}

func TestByteSize(t *testing.T) {
	tests := map[string]struct {
		typ  *Type
		want uint64
	}{
		"nothing":      {nil, 0},
		"integer":      {integer, 4},
		"typedef":      {typedef("a", typedef("b", long)), 8},
		"array":        {array(3, typedef("row", array(5, integer))), 60},
		"sized array":  {&Type{Kind: Array, Count: 3, Elem: integer, Size: 12}, 12},
		"without elem": {array(3, nil), 0},
		"overflow":     {array(1<<40, array(1<<40, long)), math.MaxUint64},
		"empty":        {array(0, array(1<<63, long)), 0},
	}
	for name, test := range tests {
		if got := test.typ.ByteSize(); got != test.want {
			t.Errorf("%s: got %d, want %d", name, got, test.want)
		}
	}
}

func TestLabel(t *testing.T) {
	for want, typ := range map[string]*Type{
		"void":               nil,
		"struct task_struct": {Kind: Struct, Name: "task_struct"},
		"union {…}":          {Kind: Union},
		"enum pid_type":      {Kind: Enum, Name: "pid_type"},
		"pid_t":              {Kind: Typedef, Name: "pid_t"},
		"pointer":            {Kind: Pointer},
		"invalid":            {Kind: 200},
	} {
		if got := typ.Label(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestValue(t *testing.T) {
	e := &Type{Kind: Enum, Values: []EnumValue{{"A", 0}, {"B", -1}}}
	if v, ok := e.Value("B"); !ok || v != -1 {
		t.Errorf("got %d, %v", v, ok)
	}
	if v, ok := e.Value("C"); ok || v != 0 {
		t.Errorf("got %d, %v", v, ok)
	}
}

func FuzzField(f *testing.F) {
	for _, path := range []string{"keys[1].name[1][2]", "narrow", "keys[1", "keys[1]x[2]", "..", ""} {
		f.Add(path)
	}
	s := sample()
	f.Fuzz(func(t *testing.T, path string) {
		got, err := s.Field(path)
		switch {
		case err != nil && got != Field{}:
			t.Errorf("got %+v with %v", got, err)
		case err == nil && got.End() > s.Size:
			t.Errorf("%q ends at %d of %d", path, got.End(), s.Size)
		}
	})
}
