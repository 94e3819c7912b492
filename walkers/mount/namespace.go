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
	"github.com/barescope/barescope/walkers/vfs"
)

// maxNamespaces bounds the mount namespaces of a target.
const maxNamespaces = 1 << 20

// namespace is one mount namespace.
type namespace struct {
	address oracle.Address
	inum    uint64
	// top is the mount at the bottom of all others.
	top oracle.Address
	// roots are those of the tasks that live in it, by pid; root is the one
	// that paths begin at.
	roots []vfs.Location
	root  vfs.Location
	// mounts in the kernel's order.
	mounts []oracle.Address
	// visible are the peer groups that can be seen from root, once asked for.
	visible map[int64]bool
	doubt   walkers.Doubt
}

// resident is what a task says of where it lives.
type resident struct{ nsproxy, fs oracle.Address }

// residents reads which namespaces and roots tasks have, each combination
// once, in the order of the tasks. One that is exiting has none.
func (s *survey) residents(ctx context.Context, tasks []oracle.Address) ([]resident, error) {
	p, err := plan(ctx, s.k, "task_struct", "nsproxy")
	if err != nil {
		return nil, err
	}
	// Since 7.3 a kernel thread may borrow another fs_struct, and mountinfo
	// shows its real one.
	nsproxy, fs := p.Member("nsproxy"), p.FirstOf("real_fs", "fs")
	if err := p.Err(); err != nil {
		return nil, unknownShape(err)
	}
	objects, err := p.Read(ctx, s.k, tasks)
	var found []resident
	seen := make(map[resident]bool)
	for i := range objects {
		r := resident{objects[i].Pointer(nsproxy), objects[i].Pointer(fs)}
		if r.nsproxy.IsKernel() && !seen[r] {
			seen[r] = true
			found = append(found, r)
		}
	}
	return found, err
}

// inhabit reads the mount namespaces and roots of residents.
func (s *survey) inhabit(ctx context.Context, all []resident) error {
	proxies, err := plan(ctx, s.k, "nsproxy", "mnt_ns")
	if err != nil {
		return err
	}
	fs, err := plan(ctx, s.k, "fs_struct", "root")
	if err != nil {
		return err
	}
	ns, mnt, dentry := proxies.Member("mnt_ns"), fs.Member("root.mnt"), fs.Member("root.dentry")
	if err := errors.Join(proxies.Err(), fs.Err()); err != nil {
		return unknownShape(err)
	}
	b := object.NewBatch()
	proxyAddresses, fsAddresses := make([]oracle.Address, len(all)), make([]oracle.Address, len(all))
	for i, r := range all {
		proxyAddresses[i], fsAddresses[i] = r.nsproxy, r.fs
	}
	proxyObjects, fsObjects := proxies.Add(b, proxyAddresses), fs.Add(b, fsAddresses)
	err = b.Read(ctx, s.k)
	for i := range all {
		n := s.namespace(proxyObjects[i].Pointer(ns))
		root := vfs.Location{Mount: s.tree.MountOf(fsObjects[i].Pointer(mnt)), Dentry: fsObjects[i].Pointer(dentry)}
		if n != nil && root.Mount.IsKernel() && root.Dentry.IsKernel() {
			n.roots = append(n.roots, root)
		}
	}
	return err
}

// namespace returns the namespace at an address, which is new when it was not
// met before, or nil when none can be there.
func (s *survey) namespace(a oracle.Address) *namespace {
	if !a.IsKernel() {
		return nil
	}
	if s.known[a] == nil {
		s.known[a] = &namespace{address: a}
		s.namespaces = append(s.namespaces, s.known[a])
	}
	return s.known[a]
}

// register is where a kernel keeps all mount namespaces, since 6.11.
type register struct {
	// root is the offset of the rb_root in what the symbol mnt_ns_tree
	// names, node that of the rb_node in a struct mnt_namespace.
	root, node uint64
}

// newRegister returns nil for a kernel without one.
func newRegister(ctx context.Context, k walkers.Kernel) *register {
	t, err := k.Type(ctx, layout.Struct, "mnt_namespace", "ns")
	if err != nil {
		return nil
	}
	for _, way := range []struct{ node, rootType, root string }{
		{node: "mnt_ns_tree_node"},                           // a plain rb_root
		{"ns.ns_tree_node.ns_node", "ns_tree_root", "ns_rb"}, // 7.2 and 7.3
		{"ns.ns_tree_node", "ns_tree", "ns_tree"},            // 6.18
	} {
		node, err := t.Field(way.node)
		if err != nil {
			continue
		}
		r := &register{node: node.Offset}
		if way.rootType == "" {
			return r
		}
		root, err := k.Type(ctx, layout.Struct, way.rootType, way.root)
		if err != nil {
			continue
		}
		if f, err := root.Field(way.root); err == nil {
			r.root = f.Offset
			return r
		}
	}
	return nil
}

// enlist adds the namespaces that the kernel's own tree has.
func (s *survey) enlist(ctx context.Context) error {
	r := newRegister(ctx, s.k)
	if r == nil {
		return nil
	}
	symbol, err := s.k.Symbol(ctx, "mnt_ns_tree")
	if errors.Is(err, oracle.ErrUnknownSymbol) {
		return nil // without data symbols: those that tasks live in remain
	}
	if err != nil {
		return fmt.Errorf("find mount namespaces: %w", err)
	}
	chains, err := container.RBTrees(ctx, s.k, []oracle.Address{symbol + oracle.Address(r.root)}, maxNamespaces)
	if err != nil {
		return fmt.Errorf("find mount namespaces: %w", err)
	}
	s.miss(chains[0].Doubt)
	for _, a := range chains[0].Owners(r.node) {
		s.namespace(a)
	}
	return nil
}
