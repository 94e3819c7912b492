package walkertest

import "github.com/barescope/barescope/oracle"

// List links a head and nodes, each a list_head, into a circular list.
func (k *Kernel) List(head oracle.Address, nodes ...oracle.Address) {
	all := append([]oracle.Address{head}, nodes...)
	n := len(all)
	for i, a := range all {
		k.Words(a, all[(i+1)%n], all[(i+n-1)%n])
	}
}

// HList links nodes, each an hlist_node, into a hash chain.
func (k *Kernel) HList(head oracle.Address, nodes ...oracle.Address) {
	slot := head
	k.Words(head, 0)
	for _, n := range nodes {
		k.Words(slot, n)
		k.Words(n, 0, slot)
		slot = n
	}
}

// RBTree links nodes, each an rb_node, in the order of their keys, into a
// balanced tree below the rb_root at an address.
func (k *Kernel) RBTree(root oracle.Address, nodes ...oracle.Address) { k.subtree(root, 0, nodes) }

func (k *Kernel) subtree(slot, parent oracle.Address, nodes []oracle.Address) {
	if len(nodes) == 0 {
		k.Words(slot, 0)
		return
	}
	middle := len(nodes) / 2
	n := nodes[middle]
	k.Words(slot, n)
	k.Words(n, parent|1, 0, 0) // the lowest bit is the colour
	k.subtree(n+8, n, nodes[middle+1:])
	k.subtree(n+16, n, nodes[:middle])
}

// Extensible fills the xarray at an address, as deep as its largest index
// asks for.
func (k *Kernel) Extensible(array oracle.Address, entries map[uint64]oracle.Address) {
	k.t.Helper()
	shift := 0
	for index := range entries {
		for index>>shift >= 64 {
			shift += 6
		}
	}
	k.Set(XArray, array, "xa_head", k.level(shift, 0, 0, entries))
}

// level places an xa_node with all that is below and returns it as the slot
// above holds it. The entries' indexes count from the node's first.
func (k *Kernel) level(shift int, offset uint64, parent oracle.Address, entries map[uint64]oracle.Address) oracle.Address {
	k.t.Helper()
	n := k.Place(XANode, Values{"shift": shift, "offset": offset, "parent": parent})
	slots := n + k.Offset(XANode, "slots")
	below := make(map[uint64]map[uint64]oracle.Address)
	for index, entry := range entries {
		slot := index >> shift
		if shift == 0 {
			k.Words(slots+oracle.Address(8*slot), entry)
			continue
		}
		if below[slot] == nil {
			below[slot] = make(map[uint64]oracle.Address)
		}
		below[slot][index&(1<<shift-1)] = entry
	}
	for slot, inner := range below {
		k.Words(slots+oracle.Address(8*slot), k.level(shift-6, slot, n, inner))
	}
	return n | 2 // the tag of a node
}
