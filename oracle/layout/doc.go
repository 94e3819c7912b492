// Package layout is the one model of a kernel's types, whatever they were
// read from: BTF in the target's memory, a profile, DWARF of a rebuild.
//
// A [Type] is plain data. Types refer to each other through Elem and Members,
// but a pointer is cut where it points at a structure or a union: its Elem is
// then a forward, which carries kind and name alone and is looked up again by
// name in the [Types] it came from. So every Type is a small finite tree that
// can be stored and sent.
//
// [Type.Field] finds a member by path, through anonymous and embedded
// structures, and answers the question this package exists for: where it lies
// and how wide it is.
package layout
