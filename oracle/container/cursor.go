package container

import (
	"context"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/transport"
)

// cursor stands before a node that is to be read.
type cursor struct {
	// slot is the address of the pointer that leads to the node, value what
	// it held when it was read last: in some containers the node's address
	// with a tag.
	slot  oracle.Address
	value uint64
	node  oracle.Address
	// object is the node as it was read last.
	object object.Object
	// rechecked is set once slot and node were read again, moved when the
	// slot held another value then.
	rechecked, moved bool
}

// nodes reads nodes of one type, and the slots that lead to them.
type nodes struct {
	memory oracle.Memory
	plan   *object.Plan
	slots  *object.Plan
	value  object.Member
}

// slotType describes a pointer that stands alone.
var slotType = &layout.Type{Kind: layout.Struct, Name: "slot", Size: 8, Members: []layout.Member{
	{Name: "value", Type: &layout.Type{Kind: layout.Pointer, Size: 8}},
}}

func newNodes(m oracle.Memory, plan *object.Plan) *nodes {
	n := &nodes{memory: m, plan: plan, slots: object.NewPlan(slotType)}
	n.value = n.slots.Member("value")
	return n
}

// read reads the node of each cursor, all in one batch.
func (n *nodes) read(ctx context.Context, cursors []*cursor) error {
	addresses := make([]oracle.Address, len(cursors))
	for i, c := range cursors {
		addresses[i] = c.node
	}
	objects, err := n.plan.Read(ctx, n.memory, addresses)
	for i, c := range cursors {
		c.object = objects[i]
	}
	return err
}

// recheck reads slot and node of each cursor again, all in one batch and
// past any cache.
func (n *nodes) recheck(ctx context.Context, cursors []*cursor) error {
	if len(cursors) == 0 {
		return nil
	}
	slots, addresses := make([]oracle.Address, len(cursors)), make([]oracle.Address, len(cursors))
	for i, c := range cursors {
		slots[i], addresses[i] = c.slot, c.node
	}
	b := object.NewBatch()
	values, objects := n.slots.Add(b, slots), n.plan.Add(b, addresses)
	err := b.Read(transport.Fresh(ctx), n.memory)
	for i, c := range cursors {
		c.object, c.rechecked = objects[i], true
		if values[i].Readable() {
			value := values[i].Uint(n.value)
			c.moved, c.value = value != c.value, value
		}
	}
	return err
}

// roots reads the pointers that containers begin with. One that could not be
// read is nil.
func (n *nodes) roots(ctx context.Context, slots []oracle.Address) ([]*uint64, error) {
	objects, err := n.slots.Read(ctx, n.memory, slots)
	roots := make([]*uint64, len(slots))
	for i := range objects {
		if objects[i].Readable() {
			value := objects[i].Uint(n.value)
			roots[i] = &value
		}
	}
	return roots, err
}
