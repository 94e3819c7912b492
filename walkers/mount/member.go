package mount

import (
	"context"
	"errors"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/container"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// maxMounts bounds the mounts of one namespace: fs.mount-max is 100 000.
const maxMounts = 1 << 18

// errNoMounts says that a namespace keeps its mounts in no way that is known.
var errNoMounts = errors.New("struct mnt_namespace has neither a tree \"mounts\" nor a \"list\"")

// membership is how a namespace keeps its mounts: in a list, or since 6.8 in a
// tree by their ids.
type membership struct {
	tree bool
	// head is the offset in the namespace, node that in the mount.
	head, node uint64
}

// newMembership asks the types. The name "mounts" does not tell: before 6.8
// it was that of a counter.
func newMembership(namespace, mount *layout.Type) (membership, error) {
	head, node := "list", "mnt_list"
	m := membership{}
	if f, err := namespace.Field("mounts"); err == nil {
		t := layout.Resolve(f.Type)
		m.tree = t != nil && t.Kind == layout.Struct && t.Name == "rb_root"
	}
	if m.tree {
		head, node = "mounts", "mnt_node"
	} else if !namespace.Has(head) {
		return m, unknownShape(errNoMounts)
	}
	at, err := namespace.Field(head)
	if err != nil {
		return m, unknownShape(err)
	}
	in, err := mount.Field(node)
	if err != nil {
		return m, unknownShape(err)
	}
	m.head, m.node = at.Offset, in.Offset
	return m, nil
}

// populate reads the namespaces and which mounts are in them, all namespaces
// together.
func (s *survey) populate(ctx context.Context) error {
	sh := s.shapes
	addresses, heads := make([]oracle.Address, len(s.namespaces)), make([]oracle.Address, len(s.namespaces))
	for i, ns := range s.namespaces {
		addresses[i] = ns.address
		heads[i] = ns.address + oracle.Address(sh.membership.head)
	}
	objects, err := sh.namespace.Read(ctx, s.k, addresses)
	if err != nil {
		return fmt.Errorf("read mount namespaces: %w", err)
	}
	read := container.Lists
	if sh.membership.tree {
		read = container.RBTrees
	}
	chains, err := read(ctx, s.k, heads, maxMounts)
	if err != nil {
		return fmt.Errorf("read mount namespaces: %w", err)
	}
	for i, ns := range s.namespaces {
		s.fill(ns, &objects[i], &chains[i])
	}
	return nil
}

// fill takes what was read of one namespace.
func (s *survey) fill(ns *namespace, o *object.Object, c *container.Chain) {
	ns.inum, ns.top = o.Uint(s.shapes.inum), o.Pointer(s.shapes.top)
	ns.mounts = c.Owners(s.shapes.membership.node)
	ns.doubt = walkers.Doubt(c.Doubt)
	if !o.Readable() {
		ns.doubt = walkers.Unreadable
	}
}
