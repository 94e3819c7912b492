package process

import (
	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/walkers"
)

// links are the pointers of a list_head.
type links struct{ next, prev oracle.Address }

// ring is a circular list that was followed in memory.
type ring struct {
	nodes map[oracle.Address]links
	// members are the nodes that were reached from the head.
	members map[oracle.Address]bool
	// breaks says, for the nodes on both sides of a place where the list is
	// not what it must be, what is wrong there.
	breaks map[oracle.Address]walkers.Doubt
	// fault is empty when following next from the head led back to it.
	fault walkers.Doubt
}

// follow walks the list from its head, all of whose nodes that could be read
// are in nodes: along next, as the kernel does, and if that does not come back
// to the head, along prev as well.
func follow(head oracle.Address, nodes map[oracle.Address]links) *ring {
	r := &ring{nodes: nodes, members: make(map[oracle.Address]bool), breaks: make(map[oracle.Address]walkers.Doubt)}
	if r.fault = r.forward(head); r.fault != "" {
		r.breaks[r.backward(head)] = r.fault
	}
	return r
}

// forward returns what kept it from coming back to the head.
func (r *ring) forward(head oracle.Address) walkers.Doubt {
	at := head
	for {
		here, ok := r.nodes[at]
		next, readable := r.nodes[here.next]
		switch {
		case !ok:
			return walkers.Unreadable
		case here.next != head && r.members[here.next]:
			r.breaks[at] = walkers.Looped
			return walkers.Looped
		case !plausible(here.next):
			r.breaks[at] = walkers.Corrupt
			return walkers.Corrupt
		case !readable:
			r.breaks[at] = walkers.Unreadable
			return walkers.Unreadable
		case next.prev != at:
			r.breaks[at], r.breaks[here.next] = walkers.Torn, walkers.Torn
		}
		if here.next == head {
			return ""
		}
		at = here.next
		r.members[at] = true
	}
}

// backward adds what is reached along prev and returns the last of it, or the
// head.
func (r *ring) backward(head oracle.Address) oracle.Address {
	at := head
	for {
		prev := r.nodes[at].prev
		if _, readable := r.nodes[prev]; !readable || prev == head || r.members[prev] {
			return at
		}
		at = prev
		r.members[at] = true
	}
}

// lacks says why a node that should be in the list is none of its members:
// missing when the list is whole, the list's fault when it is not; or nothing
// if it is a member, or looks like one behind the break of a broken list.
func (r *ring) lacks(node oracle.Address, missing walkers.Doubt) walkers.Doubt {
	switch here := r.nodes[node]; {
	case r.members[node]:
		return ""
	case r.fault == "":
		return missing
	case here.next != node && r.nodes[here.next].prev == node && r.nodes[here.prev].next == node:
		return ""
	}
	return r.fault
}

// plausible reports whether a structure of the kernel can lie at an address.
func plausible(a oracle.Address) bool { return a.IsKernel() && a%8 == 0 }
