package container

import (
	"context"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
)

// Kernel is what this package asks of a target. Every walkers.Kernel is one.
type Kernel interface {
	oracle.Memory
	// Type returns a type as [layout.Types] does.
	Type(ctx context.Context, kind layout.Kind, name string, members ...string) (*layout.Type, error)
}

// Fault says why a container may not have been read as it is; it is empty
// for one that was. The texts are those of walkers.Doubt. Of several faults,
// the one that was met first is kept.
type Fault string

const (
	// Unreadable: a node could not be read; what hangs on it is missing.
	Unreadable Fault = "unreadable"
	// Torn: two nodes contradict each other, and still did when they were
	// read again.
	Torn Fault = "torn"
	// Looped: a pointer leads back to a node that came before.
	Looped Fault = "looped"
	// Corrupt: a pointer cannot be one, a value is out of its range, or the
	// container has more nodes than the limit.
	Corrupt Fault = "corrupt"
)

// keep sets f unless an earlier fault is there.
func (f *Fault) keep(fault Fault) {
	if *f == "" {
		*f = fault
	}
}

// Chain is what was read of one list or tree.
type Chain struct {
	// Nodes are the addresses of the embedded list_head, hlist_node or
	// rb_node, in the container's order, each once, the head not among
	// them.
	Nodes []oracle.Address
	// Doubt is empty when the chain is whole and consistent.
	Doubt Fault
}

// Owners returns the addresses of the structures that embed the chain's nodes
// at an offset in bytes.
func (c *Chain) Owners(offset uint64) []oracle.Address {
	owners := make([]oracle.Address, len(c.Nodes))
	for i, n := range c.Nodes {
		owners[i] = n - oracle.Address(offset)
	}
	return owners
}

// plausible reports whether a node can lie at an address. All nodes are
// structures that begin with, or consist of, pointers.
func plausible(a oracle.Address) bool { return a.IsKernel() && a%8 == 0 }
