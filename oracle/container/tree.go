package container

import (
	"context"

	"github.com/barescope/barescope/oracle"
)

// maxLevels bounds how many levels of a tree are read. A red-black tree of
// 2^31 nodes has at most 62, an array of 2^64 entries 11; a level more is
// used where a pointer moved and had to be followed anew.
const maxLevels = 128

// branch is a cursor in a tree: a pointer from one node to another.
type branch struct {
	cursor
	tree *tree
	// parent is the node that slot lies in, 0 for a tree's root.
	parent oracle.Address
	// index and shift place the node in an extensible array: the index of
	// its first entry, and how many bits of an index are decided below its
	// slots. place is the number of the slot that leads to the node.
	index uint64
	shift int
	place uint64
}

// tree is one tree on its way.
type tree struct {
	address oracle.Address
	// accepted holds the nodes that were taken, children each by what leads
	// to it.
	accepted map[oracle.Address]bool
	children map[edge]oracle.Address
	entries  []Entry
	// limit is how many branches may be entered; entered is how many were.
	limit   int
	entered int
	doubt   Fault
}

// edge is a pointer in a tree. The parent is part of it since nodes of a
// hostile target may overlap, so that one slot lies in two of them.
type edge struct{ parent, slot oracle.Address }

func newTree(address oracle.Address, limit int) *tree {
	return &tree{
		address: address, limit: limit,
		accepted: make(map[oracle.Address]bool),
		children: make(map[edge]oracle.Address),
	}
}

// kind is what the trees of one kind have of their own.
type kind interface {
	// sound reports whether a node that was read hangs where it was found.
	sound(b *branch) bool
	// grow returns the branches that leave a node.
	grow(b *branch) []*branch
	// follow returns the branches for what a slot holds now: none, or one.
	follow(b *branch, value uint64) []*branch
}

// admit returns b as the one branch to follow, if it can lead to a node and
// the tree may have another.
func (t *tree) admit(b *branch) []*branch {
	if !plausible(b.node) || t.entered >= t.limit {
		t.doubt.keep(Corrupt)
		return nil
	}
	t.entered++
	return []*branch{b}
}

// take records the node of a branch.
func (t *tree) take(b *branch) {
	t.accepted[b.node] = true
	t.children[edge{b.parent, b.slot}] = b.node
}

// descend follows branches, a level of all trees in each batch, until none is
// left.
func descend(ctx context.Context, n *nodes, k kind, level []*branch) error {
	for range maxLevels {
		if len(level) == 0 {
			return nil
		}
		next, err := descendOne(ctx, n, k, level)
		if err != nil {
			return err
		}
		level = next
	}
	for _, b := range level {
		b.tree.doubt.keep(Corrupt)
	}
	return nil
}

// descendOne reads one level and returns the next.
func descendOne(ctx context.Context, n *nodes, k kind, level []*branch) ([]*branch, error) {
	if err := n.read(ctx, branchCursors(level)); err != nil {
		return nil, err
	}
	var next, suspects []*branch
	for _, b := range level {
		if b.tree.accepted[b.node] || !b.object.Readable() || !k.sound(b) {
			suspects = append(suspects, b)
			continue
		}
		b.tree.take(b)
		next = append(next, k.grow(b)...)
	}
	if err := n.recheck(ctx, branchCursors(suspects)); err != nil {
		return nil, err
	}
	for _, b := range suspects {
		next = append(next, settle(k, b)...)
	}
	return next, nil
}

// settle decides on a branch that was read again. A slot that leads elsewhere
// by now is followed as a new branch, which the tree's limit bounds.
func settle(k kind, b *branch) []*branch {
	moved := &branch{cursor: cursor{slot: b.slot}, tree: b.tree, parent: b.parent,
		index: b.index, shift: b.shift, place: b.place}
	switch {
	case b.moved:
		return k.follow(moved, b.value)
	case b.tree.accepted[b.node]:
		b.tree.doubt.keep(Looped)
		return nil
	case !b.object.Readable():
		b.tree.doubt.keep(Unreadable)
		return nil
	case !k.sound(b):
		b.tree.doubt.keep(Torn)
	}
	b.tree.take(b)
	return k.grow(b)
}

func branchCursors(level []*branch) []*cursor {
	c := make([]*cursor, len(level))
	for i, b := range level {
		c[i] = &b.cursor
	}
	return c
}
