package container

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
)

// Entries is what was read of one extensible array.
type Entries struct {
	// Entries in the order of their indexes.
	Entries []Entry
	// Doubt is empty when the array is whole and consistent.
	Doubt Fault
}

// Entry is a pointer at an index of an extensible array.
type Entry struct {
	Index   uint64
	Pointer oracle.Address
}

// XArrays reads the extensible arrays, each a struct xarray or, before 4.20, a
// struct radix_tree_root, that lie at the addresses: one Entries for each, in
// order, of at most limit pointers. Values, which are integers stored in place
// of pointers, are left out, and so is what is only reserved. A struct idr
// holds its array in the member idr_rt. It takes a batch more than the deepest
// array has levels.
//
// The error is that of Type or of ReadVirtual, or wraps layout.ErrMalformed;
// after one of ReadVirtual, the entries are those that were read before.
func XArrays(ctx context.Context, k Kernel, arrays []oracle.Address, limit int) ([]Entries, error) {
	x, err := newExtensible(ctx, k, limit)
	if err != nil {
		return nil, fmt.Errorf("read extensible arrays: %w", err)
	}
	n := newNodes(k, x.plan)
	// A node on the way to the last entry can be empty for a moment.
	trees, level, err := plant(ctx, n, x, shift(arrays, x.head), limit+maxLevels)
	if err == nil {
		err = descend(ctx, n, x, level)
	}
	all := make([]Entries, len(trees))
	for i, t := range trees {
		slices.SortFunc(t.entries, func(a, b Entry) int { return cmp.Compare(a.Index, b.Index) })
		all[i] = Entries{Entries: t.entries, Doubt: t.doubt}
	}
	return all, err
}

// extensible knows the nodes of an extensible array, of both names.
type extensible struct {
	plan                           *object.Plan
	shift, offset, parent, entries object.Member
	// head is the offset of the root pointer in the array.
	head oracle.Address
	// nodeTag is in the low two bits of a pointer to a node.
	nodeTag uint64
	// chunk is the number of bits of an index that one level decides.
	chunk int
	limit int
}

// tagBits are the low bits of an entry that say what it is. A node's entry is
// above maxMark; below are siblings and marks such as "retry" and "zero".
const (
	tagBits = 3
	maxMark = 4096
)

// newExtensible looks the types up. In 4.20 radix_tree_root became another
// name for xarray, and the tags of nodes and values changed places.
func newExtensible(ctx context.Context, k Kernel, limit int) (*extensible, error) {
	x := &extensible{nodeTag: 2, limit: limit}
	root, node, head := "xarray", "xa_node", "xa_head"
	typ, err := k.Type(ctx, layout.Struct, root, head)
	if errors.Is(err, layout.ErrUnknownType) {
		x.nodeTag = 1
		root, node, head = "radix_tree_root", "radix_tree_node", "rnode"
		typ, err = k.Type(ctx, layout.Struct, root, head)
	}
	if err != nil {
		return nil, err
	}
	f, err := typ.Field(head)
	if err != nil {
		return nil, err
	}
	x.head = oracle.Address(f.Offset)
	nodeType, err := k.Type(ctx, layout.Struct, node, "shift", "offset", "parent", "slots")
	if err != nil {
		return nil, err
	}
	return x, x.plans(nodeType)
}

// plans prepares reading nodes of a type.
func (x *extensible) plans(typ *layout.Type) error {
	x.plan = object.NewPlan(typ)
	x.shift, x.offset = x.plan.Member("shift"), x.plan.Member("offset")
	x.parent, x.entries = x.plan.Member("parent"), x.plan.Member("slots")
	if err := x.plan.Err(); err != nil {
		return err
	}
	// The kernel has 64 slots in a node, or 16 with CONFIG_BASE_SMALL.
	size := x.plan.Field(x.entries).Size
	x.chunk = bits.Len64(size/8) - 1
	if size < 16 || size != 8<<x.chunk {
		return fmt.Errorf("%s has %d bytes of slots: %w", typ.Label(), size, layout.ErrMalformed)
	}
	return nil
}

// sound reports whether a node lies in its parent's slot, one level below. A
// root may have any level, and its offset is what the memory held before.
func (x *extensible) sound(b *branch) bool {
	o := &b.object
	if b.parent == 0 {
		return o.Pointer(x.parent) == 0
	}
	return o.Pointer(x.parent) == b.parent && o.Uint(x.offset) == b.place && int(o.Uint(x.shift)) == b.shift
}

// grow collects a node's entries and returns the branches to the nodes below.
func (x *extensible) grow(b *branch) []*branch {
	level := int(b.object.Uint(x.shift))
	if b.parent != 0 {
		level = b.shift
	}
	if level%x.chunk != 0 || level >= 64 {
		b.tree.doubt.keep(Corrupt)
		return nil
	}
	var next []*branch
	slots := b.object.Bytes(x.entries)
	for i := range uint64(len(slots)) / 8 {
		value := binary.LittleEndian.Uint64(slots[8*i:])
		if value == 0 {
			continue
		}
		if i<<level>>level != i { // such an index has more than 64 bits
			b.tree.doubt.keep(Corrupt)
			break
		}
		child := &branch{tree: b.tree, parent: b.node, place: i, shift: level - x.chunk, index: b.index + i<<level}
		child.slot = b.object.At(x.entries) + oracle.Address(8*i)
		next = append(next, x.follow(child, value)...)
	}
	return next
}

// follow takes what a slot holds: an entry, or a branch to a node.
func (x *extensible) follow(b *branch, value uint64) []*branch {
	b.value = value
	switch tag := value & tagBits; {
	case value == 0 || tag != 0 && tag != x.nodeTag: // a value, or RADIX_TREE_RETRY
		return nil
	case tag == x.nodeTag && value <= maxMark:
		return nil
	case tag == x.nodeTag && b.shift < 0:
		b.tree.doubt.keep(Corrupt)
		return nil
	case tag == x.nodeTag:
		b.node = oracle.Address(value - x.nodeTag)
		return b.tree.admit(b)
	case len(b.tree.entries) >= x.limit || !oracle.Address(value).IsKernel():
		b.tree.doubt.keep(Corrupt)
		return nil
	}
	b.tree.entries = append(b.tree.entries, Entry{Index: b.index, Pointer: oracle.Address(value)})
	return nil
}
