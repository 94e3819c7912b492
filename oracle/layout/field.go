package layout

import (
	"fmt"
	"strings"
)

// maxDepth bounds how deep typedefs and embedded structures are followed: a
// description of types is input, and may refer to itself.
const maxDepth = 32

// Field is where a member, direct or embedded, lies in a structure.
type Field struct {
	// Path as it was asked for: "mm.pgd", "nodes[3].key".
	Path string
	// Type of the member, typedefs not stripped.
	Type *Type
	// Offset in bytes of the member's first byte, and Size in bytes. For a
	// bit-field, of the bytes that its bits touch.
	Offset, Size uint64
	// BitShift and BitSize place a bit-field inside those bytes, counted
	// from the lowest bit; BitSize is 0 for any other member.
	BitShift, BitSize uint8
}

// End returns the offset of the first byte behind the field.
func (f Field) End() uint64 { return f.Offset + f.Size }

// Has reports whether t has a member of that path.
func (t *Type) Has(path string) bool {
	_, err := t.Field(path)
	return err == nil
}

// Field finds a member by path: names joined by dots, each of which may carry
// constant array indexes. Anonymous members are transparent, as in C; a
// pointer is not followed. It returns an error wrapping ErrUnknownMember that
// names t and the part of the path that is missing.
func (t *Type) Field(path string) (Field, error) {
	f := Field{Path: path, Type: t, Size: t.Size}
	var bit uint64
	for part := range strings.SplitSeq(path, ".") {
		name, indexes, err := splitIndexes(part)
		if err != nil {
			return Field{}, fmt.Errorf("%s.%s: %w", t.Label(), path, err)
		}
		m, base, ok := find(Resolve(f.Type), name, maxDepth)
		if !ok || f.BitSize != 0 {
			return Field{}, fmt.Errorf("%s has no member %s (%q): %w", t.Label(), path, name, ErrUnknownMember)
		}
		bit += base + m.Offset
		f.Type, f.BitSize = m.Type, uint8(m.BitSize)
		for _, i := range indexes {
			a := Resolve(f.Type)
			if a == nil || a.Kind != Array || i >= a.Count {
				return Field{}, fmt.Errorf("%s.%s: index %d: %w", t.Label(), path, i, ErrUnknownMember)
			}
			f.Type = a.Elem
			bit += i * f.Type.ByteSize() * 8
		}
	}
	return place(f, bit), nil
}

// place fills in offset and size of a field that begins at a bit.
func place(f Field, bit uint64) Field {
	f.Offset = bit / 8
	if f.BitSize == 0 {
		f.Size = f.Type.ByteSize()
		return f
	}
	f.BitShift = uint8(bit % 8)
	f.Size = (uint64(f.BitShift) + uint64(f.BitSize) + 7) / 8
	return f
}

// find looks for a named member in t and, transparently, in its anonymous
// members. It returns the member and the bit offset of what encloses it.
func find(t *Type, name string, depth int) (m Member, base uint64, ok bool) {
	if t == nil || depth == 0 || name == "" {
		return Member{}, 0, false
	}
	for _, m := range t.Members {
		if m.Name == name {
			return m, 0, true
		}
		if m.Name != "" {
			continue
		}
		if inner, b, ok := find(Resolve(m.Type), name, depth-1); ok {
			return inner, m.Offset + b, true
		}
	}
	return Member{}, 0, false
}

// splitIndexes parts "name[1][2]" into its name and indexes.
func splitIndexes(part string) (string, []uint64, error) {
	name, rest, found := strings.Cut(part, "[")
	var indexes []uint64
	for found {
		var digits string
		digits, rest, found = strings.Cut(rest, "]")
		var i uint64
		if _, err := fmt.Sscanf(digits, "%d", &i); err != nil || !found {
			return "", nil, fmt.Errorf("bad index in %q: %w", part, ErrUnknownMember)
		}
		indexes = append(indexes, i)
		_, rest, found = strings.Cut(rest, "[")
	}
	return name, indexes, nil
}

// ByteSize returns the size of t in bytes, typedefs stripped and arrays
// multiplied out.
func (t *Type) ByteSize() uint64 {
	r := Resolve(t)
	if r == nil {
		return 0
	}
	if r.Kind == Array && r.Size == 0 {
		return r.Count * r.Elem.ByteSize()
	}
	return r.Size
}

// Label returns the type as C names it: "struct task_struct", "pid_t",
// "struct {…}" for an anonymous one.
func (t *Type) Label() string {
	switch {
	case t.Kind == Struct || t.Kind == Union || t.Kind == Enum:
		if t.Name == "" {
			return t.Kind.String() + " {…}"
		}
		return t.Kind.String() + " " + t.Name
	case t.Name != "":
		return t.Name
	}
	return t.Kind.String()
}
