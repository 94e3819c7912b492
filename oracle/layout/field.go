package layout

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// maxDepth bounds how deep typedefs and arrays are followed: a description of
// types is input, and may refer to itself.
const maxDepth = 32

// maxSize bounds offset and size of a field in bytes; BTF cannot tell of
// larger structures.
const maxSize = 1 << 32

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
// names t and the part of the path that is missing, or one wrapping
// ErrMalformed when t says that the member lies where none can.
func (t *Type) Field(path string) (Field, error) {
	f := Field{Path: path, Type: t}
	var bit uint64
	for part := range strings.SplitSeq(path, ".") {
		offset, err := f.step(part)
		if err != nil {
			return Field{}, fmt.Errorf("%s.%s: %w", t.Label(), path, err)
		}
		bit = add(bit, offset)
	}
	if err := f.place(bit); err != nil {
		return Field{}, fmt.Errorf("%s.%s: %w", t.Label(), path, err)
	}
	return f, nil
}

// step moves f to a member of its type, one part of a path, and returns how
// many bits further that begins.
func (f *Field) step(part string) (uint64, error) {
	name, indexes, err := splitIndexes(part)
	if err != nil {
		return 0, err
	}
	s := search{name: name}
	m, ok := s.in(Resolve(f.Type))
	if !ok {
		return 0, fmt.Errorf("no member %q: %w", name, ErrUnknownMember)
	}
	if m.BitSize > 64 || m.BitSize != 0 && len(indexes) > 0 {
		return 0, fmt.Errorf("bit-field %q of %d bits: %w", name, m.BitSize, ErrMalformed)
	}
	f.Type, f.BitSize = m.Type, uint8(m.BitSize)
	bit := m.Offset
	for _, i := range indexes {
		a := Resolve(f.Type)
		if a == nil || a.Kind != Array || i >= a.Count {
			return 0, fmt.Errorf("index %d: %w", i, ErrUnknownMember)
		}
		f.Type = a.Elem
		bit = add(bit, multiply(i, multiply(f.Type.ByteSize(), 8)))
	}
	return bit, nil
}

// place fills in offset and size of a field that begins at a bit.
func (f *Field) place(bit uint64) error {
	f.Offset, f.Size = bit/8, f.Type.ByteSize()
	if f.BitSize != 0 {
		f.BitShift = uint8(bit % 8)
		f.Size = (uint64(f.BitShift) + uint64(f.BitSize) + 7) / 8
	} else if bit%8 != 0 {
		return fmt.Errorf("begins at bit %d: %w", bit, ErrMalformed)
	}
	if f.Offset > maxSize || f.Size > maxSize {
		return fmt.Errorf("%d bytes at %#x: %w", f.Size, f.Offset, ErrMalformed)
	}
	return nil
}

// search looks for a named member in a type and, transparently, in its
// anonymous members.
type search struct {
	name string
	// seen are the anonymous types that were searched: a description in
	// which types share members can have more paths than can be walked.
	seen map[*Type]bool
}

// in returns the member with its offset from the start of t.
func (s *search) in(t *Type) (Member, bool) {
	if t == nil || s.name == "" || s.seen[t] {
		return Member{}, false
	}
	for _, m := range t.Members {
		if m.Name == s.name {
			return m, true
		}
		if m.Name != "" {
			continue
		}
		if s.seen == nil {
			s.seen = make(map[*Type]bool)
		}
		s.seen[t] = true
		if inner, ok := s.in(Resolve(m.Type)); ok {
			inner.Offset = add(inner.Offset, m.Offset)
			return inner, true
		}
	}
	return Member{}, false
}

// splitIndexes parts "name[1][2]" into its name and indexes.
func splitIndexes(part string) (string, []uint64, error) {
	name, rest, found := strings.Cut(part, "[")
	if !found {
		return name, nil, nil
	}
	var indexes []uint64
	// Behind the first bracket, "1][2]" is a list separated by "][".
	list, closed := strings.CutSuffix(rest, "]")
	for digits := range strings.SplitSeq(list, "][") {
		i, err := strconv.ParseUint(digits, 10, 64)
		if err != nil || !closed {
			return "", nil, fmt.Errorf("bad index in %q: %w", part, ErrUnknownMember)
		}
		indexes = append(indexes, i)
	}
	return name, indexes, nil
}

// ByteSize returns the size of t in bytes, typedefs stripped and arrays
// multiplied out. A size that 64 bits cannot hold is the largest they can.
func (t *Type) ByteSize() uint64 {
	count := uint64(1)
	for range maxDepth {
		r := Resolve(t)
		if r == nil {
			return 0
		}
		if r.Kind != Array || r.Size != 0 {
			return multiply(count, r.Size)
		}
		count, t = multiply(count, r.Count), r.Elem
	}
	return 0
}

// add and multiply stop at the largest number: a description of types may
// hold any numbers, and place refuses what is too large.
func add(a, b uint64) uint64 {
	sum, carry := bits.Add64(a, b, 0)
	if carry != 0 {
		return math.MaxUint64
	}
	return sum
}

func multiply(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	if high != 0 {
		return math.MaxUint64
	}
	return low
}

// Label returns the type as C names it: "struct task_struct", "pid_t",
// "struct {…}" for an anonymous one.
func (t *Type) Label() string {
	switch {
	case t == nil:
		return Void.String()
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
