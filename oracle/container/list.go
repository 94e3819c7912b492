package container

import (
	"context"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
)

// Lists reads the circular lists whose heads, each a struct list_head, lie at
// the addresses: one Chain for each, in order, of at most limit nodes.
//
// Every list is walked from both ends at once, so the longest, of n nodes,
// takes n/2+1 batches, rounded up. Where a node is unreadable or leads astray,
// what was reached from the other end still stands.
//
// The error is that of Type or of ReadVirtual; with the latter, the chains
// hold what was read before.
func Lists(ctx context.Context, k Kernel, heads []oracle.Address, limit int) ([]Chain, error) {
	typ, err := k.Type(ctx, layout.Struct, "list_head", "next", "prev")
	if err != nil {
		return nil, fmt.Errorf("read lists: %w", err)
	}
	plan := object.NewPlan(typ)
	next, prev := plan.Member("next"), plan.Member("prev")
	if err := plan.Err(); err != nil {
		return nil, fmt.Errorf("read lists: %w", err)
	}
	objects, err := plan.Read(ctx, k, heads)
	chains := make([]*chain, len(heads))
	for i, head := range heads {
		c, o := newChain(head, limit), &objects[i]
		chains[i] = c
		c.start(head, o.Pointer(next), o.At(next), next, prev)
		c.start(head, o.Pointer(prev), o.At(prev), prev, next)
		if !o.Readable() {
			c.abandon(Unreadable)
		}
	}
	if err == nil {
		err = walk(ctx, newNodes(k, plan), chains)
	}
	return results(chains), err
}

// abandon stops every end of a chain.
func (c *chain) abandon(fault Fault) {
	for _, e := range c.ends {
		e.stop(fault)
	}
}

func results(chains []*chain) []Chain {
	r := make([]Chain, len(chains))
	for i, c := range chains {
		r[i] = c.result()
	}
	return r
}
