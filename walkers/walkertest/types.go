package walkertest

import "github.com/barescope/barescope/oracle/layout"

// Types of C that structures are made of. A Pointer does not say at what.
var (
	Char    = &layout.Type{Kind: layout.Int, Name: "char", Size: 1, Char: true, Signed: true}
	Bool    = &layout.Type{Kind: layout.Int, Name: "_Bool", Size: 1, Bool: true}
	Short   = &layout.Type{Kind: layout.Int, Name: "unsigned short", Size: 2}
	Int     = &layout.Type{Kind: layout.Int, Name: "int", Size: 4, Signed: true}
	Uint    = &layout.Type{Kind: layout.Int, Name: "unsigned int", Size: 4}
	Long    = &layout.Type{Kind: layout.Int, Name: "unsigned long", Size: 8}
	Pointer = &layout.Type{Kind: layout.Pointer, Size: 8}
)

// Structures that the kernel's containers are made of, laid out as in the
// kernel. Every [Kernel] knows them.
var (
	ListHead  = Struct("list_head", Member("next", Pointer), Member("prev", Pointer))
	HListHead = Struct("hlist_head", Member("first", Pointer))
	HListNode = Struct("hlist_node", Member("next", Pointer), Member("pprev", Pointer))
	RBRoot    = Struct("rb_root", Member("rb_node", Pointer))
	RBNode    = Struct("rb_node", Member("__rb_parent_color", Long), Member("rb_right", Pointer), Member("rb_left", Pointer))
	XArray    = Struct("xarray", Member("xa_lock", Int), Member("xa_flags", Uint), Member("xa_head", Pointer))
	XANode    = Struct("xa_node", Member("shift", Char), Member("offset", Char), Member("count", Char), Member("nr_values", Char),
		Member("parent", Pointer), Member("array", Pointer), Member("private_list", ListHead), Member("slots", Array(64, Pointer)))
)

// Array returns the type of an array.
func Array(count uint64, elem *layout.Type) *layout.Type {
	return &layout.Type{Kind: layout.Array, Count: count, Elem: elem}
}

// Enum returns an enumeration of four bytes whose enumerators count from 0.
func Enum(name string, enumerators ...string) *layout.Type {
	t := &layout.Type{Kind: layout.Enum, Name: name, Size: 4}
	for i, e := range enumerators {
		t.Values = append(t.Values, layout.EnumValue{Name: e, Value: int64(i)})
	}
	return t
}

// Member declares a member for [Struct] or [Union]; an empty name makes it
// anonymous.
func Member(name string, t *layout.Type) layout.Member { return layout.Member{Name: name, Type: t} }

// Pad is room between two members.
func Pad(bytes uint64) layout.Member { return Member("", Array(bytes, Char)) }

// Struct returns a structure whose members lie one after the other, each
// aligned as its type asks for. An empty name makes an anonymous structure.
func Struct(name string, members ...layout.Member) *layout.Type {
	t := &layout.Type{Kind: layout.Struct, Name: name}
	for _, m := range members {
		start := align(t.Size, alignment(m.Type))
		m.Offset = 8 * start
		t.Members = append(t.Members, m)
		t.Size = start + m.Type.ByteSize()
	}
	t.Size = align(t.Size, alignment(t))
	return t
}

// Union returns a union.
func Union(name string, members ...layout.Member) *layout.Type {
	t := &layout.Type{Kind: layout.Union, Name: name, Members: members}
	for _, m := range members {
		t.Size = max(t.Size, m.Type.ByteSize())
	}
	t.Size = align(t.Size, alignment(t))
	return t
}

func align(offset, to uint64) uint64 { return (offset + to - 1) / to * to }

func alignment(t *layout.Type) uint64 {
	t = layout.Resolve(t)
	switch t.Kind {
	case layout.Array:
		return alignment(t.Elem)
	case layout.Struct, layout.Union:
		most := uint64(1)
		for _, m := range t.Members {
			most = max(most, alignment(m.Type))
		}
		return most
	}
	return max(1, t.Size)
}
