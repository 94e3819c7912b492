package container

import (
	"context"
	"slices"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/object"
)

// end is one of the ends from which a chain is walked: both of a list, the
// head's of a hash chain.
type end struct {
	cursor
	chain *chain
	// follow is the member that leads on, back the one that leads to where
	// the end came from.
	follow, back object.Member
	// from is the node before the cursor, at first the head; expect is what
	// back must hold.
	from, expect oracle.Address
	nodes        []oracle.Address
	stopped      bool
	// suspect: slot and node are to be read again. followed: that was done,
	// and the slot led elsewhere.
	suspect, followed bool
}

// chain is one list or hash chain on its way.
type chain struct {
	ends  []*end
	owner map[oracle.Address]*end // of the nodes, and of the head: nil
	limit int
	doubt Fault
	// backIsSlot: back-pointers hold the address of the pointer that leads
	// to a node, not that of the node before.
	backIsSlot bool
}

func newChain(head oracle.Address, limit int) *chain {
	return &chain{owner: map[oracle.Address]*end{head: nil}, limit: limit}
}

// start adds an end whose cursor stands behind the head.
func (c *chain) start(head, first, slot oracle.Address, follow, back object.Member) {
	e := &end{chain: c, follow: follow, back: back}
	e.move(head, slot, first)
	c.ends = append(c.ends, e)
}

// move puts the cursor before the node that the slot of from leads to.
func (e *end) move(from, slot, node oracle.Address) {
	e.from, e.expect = from, from
	if e.chain.backIsSlot {
		e.expect = slot
	}
	e.cursor = cursor{slot: slot, node: node, value: uint64(node)}
	e.followed = false
}

// sound reports whether the node was read and leads back to where the end
// came from.
func (e *end) sound() bool {
	return e.object.Readable() && e.object.Pointer(e.back) == e.expect
}

// accept takes the node, if the chain may have another, and moves on.
func (e *end) accept() {
	if len(e.chain.owner) > e.chain.limit { // it holds the head too
		e.stop(Corrupt)
		return
	}
	e.nodes = append(e.nodes, e.node)
	e.chain.owner[e.node] = e
	e.move(e.node, e.object.At(e.follow), e.object.Pointer(e.follow))
}

// stop ends the walk from this end.
func (e *end) stop(fault Fault) {
	e.stopped = true
	e.chain.doubt.keep(fault)
}

// settle decides on an end that was read again. A slot that led elsewhere is
// followed once: one that keeps moving would never be left.
func (e *end) settle() {
	e.suspect = false
	switch _, arrived := e.chain.owner[e.node]; {
	case e.moved && !e.followed:
		e.node, e.followed = oracle.Address(e.value), true
	case arrived || !plausible(e.node):
		// The chain's faults say what it is.
	case !e.object.Readable():
		e.stop(Unreadable)
	case e.sound():
		e.accept()
	case len(e.chain.next()) < len(e.chain.live()):
		// The other end, which may be right, stands before the node too.
		e.stop(Torn)
	default:
		e.chain.doubt.keep(Torn)
		e.accept()
	}
}

// met reports whether the chain has been walked to its end: the two ends of a
// list stand before each other, a hash chain ends in a null pointer.
func (c *chain) met() bool {
	switch len(c.ends) {
	case 0:
		return true
	case 1:
		return c.ends[0].node == 0
	}
	a, b := c.ends[0], c.ends[1]
	return a.node == b.from && b.node == a.from
}

// fault says what is wrong with where the cursor of an end stands.
func (c *chain) fault(e *end) Fault {
	owner, arrived := c.owner[e.node]
	switch {
	case arrived && (owner == e || len(c.ends) == 1):
		return Looped
	case arrived:
		return Torn
	case !plausible(e.node):
		return Corrupt
	}
	return ""
}

// arrive stops the ends that are done, and returns those that stand where
// they cannot and were not yet read again. When one end reaches the other,
// which does not reach it, either may be the one that is wrong.
func (c *chain) arrive() []*end {
	if c.met() {
		c.abandon("")
		return nil
	}
	var suspects []*end
	for _, e := range c.ends {
		fault := c.fault(e)
		switch {
		case e.stopped || e.suspect || fault == "":
		case e.rechecked:
			e.stop(fault)
		default:
			suspects = append(suspects, c.unchecked()...)
		}
	}
	return suspects
}

// unchecked marks the ends that can still be read again as suspect.
func (c *chain) unchecked() []*end {
	var suspects []*end
	for _, e := range c.live() {
		if !e.rechecked && !e.suspect {
			e.suspect = true
			suspects = append(suspects, e)
		}
	}
	return suspects
}

// live returns the ends that are not done.
func (c *chain) live() []*end {
	var ends []*end
	for _, e := range c.ends {
		if !e.stopped {
			ends = append(ends, e)
		}
	}
	return ends
}

// next returns the ends that read a node in the next batch. Of two that stand
// before the same node, the other waits.
func (c *chain) next() []*end {
	ends := c.live()
	if len(ends) == 2 && ends[0].node == ends[1].node {
		return ends[:1]
	}
	return ends
}

// result joins what was walked from the ends.
func (c *chain) result() Chain {
	r := Chain{Doubt: c.doubt}
	for i, e := range c.ends {
		if i == 1 {
			slices.Reverse(e.nodes)
		}
		r.Nodes = append(r.Nodes, e.nodes...)
	}
	return r
}

// walk advances all chains together until each has come to its end.
func walk(ctx context.Context, n *nodes, chains []*chain) error {
	err := recheck(ctx, n, chains, nil) // the heads may be wrong already
	for err == nil {
		var ends, suspects []*end
		for _, c := range chains {
			ends = append(ends, c.next()...)
		}
		if len(ends) == 0 {
			return nil
		}
		if err = n.read(ctx, cursors(ends)); err != nil {
			break
		}
		for _, e := range ends {
			if e.sound() {
				e.accept()
				continue
			}
			e.suspect = true
			suspects = append(suspects, e)
		}
		err = recheck(ctx, n, chains, suspects)
	}
	return err
}

// recheck reads suspects, and the ends that arrived where they cannot, again
// until none is left. No end is read again twice before the same node.
func recheck(ctx context.Context, n *nodes, chains []*chain, suspects []*end) error {
	for {
		for _, c := range chains {
			suspects = append(suspects, c.arrive()...)
		}
		if len(suspects) == 0 {
			return nil
		}
		if err := n.recheck(ctx, cursors(suspects)); err != nil {
			return err
		}
		for _, e := range suspects {
			e.settle()
		}
		suspects = nil
	}
}

func cursors(ends []*end) []*cursor {
	c := make([]*cursor, len(ends))
	for i, e := range ends {
		c[i] = &e.cursor
	}
	return c
}
