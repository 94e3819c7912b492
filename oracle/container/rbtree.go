package container

import (
	"context"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
)

// RBTrees reads the red-black trees whose roots, each a struct rb_root, lie
// at the addresses: one Chain for each, in order, its nodes in the order of
// their keys, at most limit. A struct rb_root_cached begins with its rb_root.
// It takes a batch more than the deepest tree has levels.
//
// The error is that of Type or of ReadVirtual; with the latter, the chains
// hold what was read before.
func RBTrees(ctx context.Context, k Kernel, roots []oracle.Address, limit int) ([]Chain, error) {
	offset, err := pointerOffset(ctx, k, "rb_root", "rb_node")
	if err != nil {
		return nil, fmt.Errorf("read red-black trees: %w", err)
	}
	typ, err := k.Type(ctx, layout.Struct, "rb_node", "rb_left", "rb_right")
	if err != nil {
		return nil, fmt.Errorf("read red-black trees: %w", err)
	}
	plan := object.NewPlan(typ)
	r := &redBlack{
		left: plan.Member("rb_left"), right: plan.Member("rb_right"),
		color: plan.Member("__rb_parent_color"),
	}
	if err := plan.Err(); err != nil {
		return nil, fmt.Errorf("read red-black trees: %w", err)
	}
	r.leftOffset, r.rightOffset = oracle.Address(plan.Field(r.left).Offset), oracle.Address(plan.Field(r.right).Offset)
	n := newNodes(k, plan)
	slots := shift(roots, offset)
	trees, level, err := plant(ctx, n, r, slots, limit)
	if err == nil {
		err = descend(ctx, n, r, level)
	}
	chains := make([]Chain, len(trees))
	for i, t := range trees {
		chains[i] = Chain{Nodes: r.inOrder(t, edge{0, slots[i]}, nil), Doubt: t.doubt}
	}
	return chains, err
}

// plant reads the pointers to the trees' roots and returns a tree and, where
// it is not empty, a branch for each.
func plant(ctx context.Context, n *nodes, k kind, slots []oracle.Address, limit int) ([]*tree, []*branch, error) {
	var level []*branch
	values, err := n.roots(ctx, slots)
	trees := make([]*tree, len(slots))
	for i, slot := range slots {
		trees[i] = newTree(slot, limit)
		if values[i] == nil {
			trees[i].doubt = Unreadable
			continue
		}
		b := &branch{cursor: cursor{slot: slot}, tree: trees[i]}
		level = append(level, k.follow(b, *values[i])...)
	}
	return trees, level, err
}

// redBlack knows struct rb_node.
type redBlack struct {
	left, right, color      object.Member
	leftOffset, rightOffset oracle.Address
}

// colorBits are the low bits of a parent pointer, which hold the node's
// colour.
const colorBits = 3

func (r *redBlack) sound(b *branch) bool {
	return b.object.Pointer(r.color)&^colorBits == b.parent
}

func (r *redBlack) grow(b *branch) []*branch {
	var next []*branch
	for _, m := range []object.Member{r.left, r.right} {
		child := &branch{cursor: cursor{slot: b.object.At(m)}, tree: b.tree, parent: b.node}
		next = append(next, r.follow(child, b.object.Uint(m))...)
	}
	return next
}

func (r *redBlack) follow(b *branch, value uint64) []*branch {
	if value == 0 {
		return nil
	}
	b.value, b.node = value, oracle.Address(value)
	return b.tree.admit(b)
}

// inOrder appends the nodes below an edge. It ends, since one edge at most
// leads to a node, and goes no deeper than levels were read.
func (r *redBlack) inOrder(t *tree, e edge, nodes []oracle.Address) []oracle.Address {
	node, ok := t.children[e]
	if !ok {
		return nodes
	}
	nodes = append(r.inOrder(t, edge{node, node + r.leftOffset}, nodes), node)
	return r.inOrder(t, edge{node, node + r.rightOffset}, nodes)
}
