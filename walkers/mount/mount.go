package mount

import (
	"context"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/walkers"
	"github.com/barescope/barescope/walkers/vfs"
)

// mount is what was read of one struct mount.
type mount struct {
	address    oracle.Address
	readable   bool
	id, group  int64
	flags      uint64
	propagates propagationFlags
	// mapping is the mount's idmapping or user namespace, 0 before 5.12.
	mapping                  oracle.Address
	parent, master           oracle.Address
	root, mountpoint         oracle.Address
	super, source, namespace oracle.Address
}

// flagCursor is MNT_CURSOR: from 5.8 to 6.7 the list of mounts also holds the
// places that readers of mountinfo have come to, which have no super block.
const flagCursor = 0x10000000

func (m *mount) isCursor() bool { return m.readable && m.super == 0 && m.flags&flagCursor != 0 }

// newMount takes what was read of one.
func (s *shapes) newMount(o *object.Object) *mount {
	m := &mount{
		address: o.Address, readable: o.Readable(),
		id: o.Int(s.id), group: o.Int(s.group), flags: o.Uint(s.flags),
		parent: o.Pointer(s.parent), master: o.Pointer(s.master),
		root: o.Pointer(s.root), mountpoint: o.Pointer(s.mountpoint),
		super: o.Pointer(s.super), source: o.Pointer(s.source), namespace: o.Pointer(s.mountNS),
	}
	m.mapping = o.Pointer(s.idmap)
	if s.userNS.Present() {
		m.mapping = o.Pointer(s.userNS)
	}
	m.propagates = newPropagationFlags(m.flags)
	if s.treeFlags.Present() { // since 6.17
		m.propagates = newTreeFlags(o.Uint(s.treeFlags))
	}
	return m
}

// readMounts reads the mounts of the namespaces, and those that they refer to
// as parent or master, which may lie in no namespace that is known.
func (s *survey) readMounts(ctx context.Context) error {
	var wanted []oracle.Address
	for _, ns := range s.namespaces {
		wanted = append(wanted, ns.mounts...)
	}
	// A chain of masters of a hostile target may be endless.
	for range maxMasters {
		wanted = s.unread(wanted)
		if len(wanted) == 0 {
			break
		}
		objects, err := s.shapes.mount.Read(ctx, s.k, wanted)
		if err != nil {
			return fmt.Errorf("read mounts: %w", err)
		}
		wanted = s.takeMounts(objects)
	}
	if err := s.rereadMounts(ctx); err != nil {
		return err
	}
	for _, ns := range s.namespaces {
		s.dropCursors(ns)
	}
	s.plant()
	return nil
}

// takeMounts takes what was read of mounts and returns those that they refer
// to.
func (s *survey) takeMounts(objects []object.Object) []oracle.Address {
	var others []oracle.Address
	for i := range objects {
		m := s.shapes.newMount(&objects[i])
		s.mounts[m.address] = m
		others = append(others, m.parent, m.master)
	}
	return others
}

// rereadMounts reads those mounts again, from the target itself, that do not
// say that they are in the namespace which has them. A mount that was taken
// out while the list was read says so still.
func (s *survey) rereadMounts(ctx context.Context) error {
	var astray []oracle.Address
	for _, ns := range s.namespaces {
		for _, a := range ns.mounts {
			if m := s.mounts[a]; m != nil && m.namespace != ns.address && !m.isCursor() {
				astray = append(astray, a)
			}
		}
	}
	if len(astray) == 0 {
		return nil
	}
	objects, err := s.shapes.mount.Read(transport.Fresh(ctx), s.k, astray)
	if err != nil {
		return fmt.Errorf("read mounts: %w", err)
	}
	s.takeMounts(objects)
	return nil
}

// unread returns those of some mounts that were not read, each once.
func (s *survey) unread(addresses []oracle.Address) []oracle.Address {
	var left []oracle.Address
	seen := make(map[oracle.Address]bool)
	for _, a := range addresses {
		if a.IsKernel() && !seen[a] && s.mounts[a] == nil {
			seen[a] = true
			left = append(left, a)
		}
	}
	return left
}

func (s *survey) dropCursors(ns *namespace) {
	kept := ns.mounts[:0]
	for _, a := range ns.mounts {
		if m := s.mounts[a]; m != nil && !m.isCursor() {
			kept = append(kept, a)
		}
	}
	ns.mounts = kept
}

// plant tells the tree of paths what is known of mounts.
func (s *survey) plant() {
	for a, m := range s.mounts {
		v := vfs.Mount{Parent: m.parent, Mountpoint: m.mountpoint, Root: m.root}
		if !m.readable {
			v.Doubt = walkers.Unreadable
		}
		s.tree.AddMount(a, v)
	}
}

// loadPaths climbs from all mounts and roots at once, and then chooses each
// namespace's root.
func (s *survey) loadPaths(ctx context.Context) error {
	var all []vfs.Location
	for a, m := range s.mounts {
		all = append(all, vfs.Location{Mount: a, Dentry: m.root})
	}
	for _, ns := range s.namespaces {
		all = append(all, ns.roots...)
	}
	if err := s.tree.Load(ctx, all); err != nil {
		return fmt.Errorf("read paths: %w", err)
	}
	for _, ns := range s.namespaces {
		ns.root = s.chooseRoot(ns)
	}
	return nil
}

// chooseRoot returns the root of the first task whose root lies in the
// namespace. Without one it is what setns(2) gives: the mount that covers all
// others at the top.
func (s *survey) chooseRoot(ns *namespace) vfs.Location {
	members := make(map[oracle.Address]bool, len(ns.mounts))
	covers := make(map[vfs.Location]oracle.Address)
	for _, a := range ns.mounts {
		members[a] = true
		if m := s.mounts[a]; m.parent != a {
			covers[vfs.Location{Mount: m.parent, Dentry: m.mountpoint}] = a
		}
	}
	for _, r := range ns.roots {
		if members[r.Mount] {
			return r
		}
	}
	at := ns.top
	for range ns.mounts {
		m := s.mounts[at]
		if m == nil {
			break
		}
		cover, ok := covers[vfs.Location{Mount: at, Dentry: m.root}]
		if !ok {
			return vfs.Location{Mount: at, Dentry: m.root}
		}
		at = cover
	}
	return vfs.Location{}
}
