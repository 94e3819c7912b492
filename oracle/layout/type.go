package layout

import "errors"

var (
	// ErrUnknownType means that a kernel has no type of that name, or none
	// with the members asked for.
	ErrUnknownType = errors.New("unknown type")
	// ErrUnknownMember means that a type has no member of that name.
	ErrUnknownMember = errors.New("unknown member")
	// ErrMalformed means that a description of types contradicts itself.
	ErrMalformed = errors.New("malformed types")
)

// Kind says what a Type is.
type Kind uint8

// The kinds of types that C has. A qualifier (const, volatile, restrict) is
// no kind: sources drop it.
const (
	Void Kind = iota
	Int
	Enum
	Float
	Pointer
	Array
	Struct
	Union
	Typedef
	Func
)

var kindNames = [...]string{
	Void: "void", Int: "int", Enum: "enum", Float: "float", Pointer: "pointer",
	Array: "array", Struct: "struct", Union: "union", Typedef: "typedef", Func: "func",
}

// String returns the kind's keyword or name.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "invalid"
}

// Type is one C type of the target's kernel. It is not modified once a source
// has returned it.
type Type struct {
	Kind Kind
	// Name is the tag or name without its keyword, empty for an anonymous
	// type.
	Name string
	// Size in bytes; 0 for void, functions and forwards.
	Size uint64
	// Forward is set on a structure or union of which only kind and name
	// are given here.
	Forward bool

	// Signed, Bool and Char qualify an Int; Signed also an Enum.
	Signed, Bool, Char bool
	// Elem is what a Pointer points at, what an Array consists of, what a
	// Typedef stands for.
	Elem *Type
	// Count is the number of elements of an Array.
	Count uint64
	// Members of a Struct or Union, in the order of declaration.
	Members []Member
	// Values of an Enum, in the order of declaration.
	Values []EnumValue
}

// Member is one member of a structure or union.
type Member struct {
	// Name is empty for an anonymous structure or union.
	Name string
	Type *Type
	// Offset in bits from the start of the enclosing type.
	Offset uint64
	// BitSize is the width of a bit-field, 0 for any other member.
	BitSize uint64
}

// EnumValue is one enumerator. A value of an unsigned enumeration that does
// not fit is stored as its two's complement.
type EnumValue struct {
	Name  string
	Value int64
}

// Types looks types up by name.
type Types interface {
	// Lookup returns the type of that kind and name. Where a kernel has
	// several of one name, it returns the first that has all the members
	// named, by path. It returns an error wrapping ErrUnknownType when
	// there is none.
	Lookup(kind Kind, name string, members ...string) (*Type, error)
}

// Resolve strips typedefs off t.
func Resolve(t *Type) *Type {
	for i := 0; i < maxDepth && t != nil && t.Kind == Typedef; i++ {
		t = t.Elem
	}
	return t
}

// Value returns the value of the enumerator of that name.
func (t *Type) Value(name string) (int64, bool) {
	for _, v := range t.Values {
		if v.Name == name {
			return v.Value, true
		}
	}
	return 0, false
}
