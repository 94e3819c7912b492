package container

import (
	"context"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
)

// HLists reads the hash chains whose heads, each a struct hlist_head, lie at
// the addresses: one Chain for each, in order, of at most limit nodes. The
// longest, of n nodes, takes n+1 batches.
//
// The error is that of Type or of ReadVirtual; with the latter, the chains
// hold what was read before.
func HLists(ctx context.Context, k Kernel, heads []oracle.Address, limit int) ([]Chain, error) {
	first, err := pointerOffset(ctx, k, "hlist_head", "first")
	if err != nil {
		return nil, fmt.Errorf("read hash chains: %w", err)
	}
	typ, err := k.Type(ctx, layout.Struct, "hlist_node", "next", "pprev")
	if err != nil {
		return nil, fmt.Errorf("read hash chains: %w", err)
	}
	plan := object.NewPlan(typ)
	next, pprev := plan.Member("next"), plan.Member("pprev")
	if err := plan.Err(); err != nil {
		return nil, fmt.Errorf("read hash chains: %w", err)
	}
	n := newNodes(k, plan)
	slots := shift(heads, first)
	values, err := n.roots(ctx, slots)
	chains := make([]*chain, len(heads))
	for i, head := range heads {
		c := newChain(head, limit)
		c.backIsSlot = true
		if values[i] != nil {
			c.start(head, oracle.Address(*values[i]), slots[i], next, pprev)
		} else {
			c.doubt = Unreadable
		}
		chains[i] = c
	}
	if err == nil {
		err = walk(ctx, n, chains)
	}
	return results(chains), err
}

// pointerOffset returns where a structure holds a pointer.
func pointerOffset(ctx context.Context, k Kernel, name, member string) (oracle.Address, error) {
	t, err := k.Type(ctx, layout.Struct, name, member)
	if err != nil {
		return 0, err
	}
	f, err := t.Field(member)
	return oracle.Address(f.Offset), err
}

// shift adds an offset to each address.
func shift(addresses []oracle.Address, offset oracle.Address) []oracle.Address {
	shifted := make([]oracle.Address, len(addresses))
	for i, a := range addresses {
		shifted[i] = a + offset
	}
	return shifted
}
