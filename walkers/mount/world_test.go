package mount

import (
	"testing"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

// world is a kernel made by hand with tasks, namespaces and mounts. Either
// it keeps mounts in lists, as before 6.8, or in trees, as since then.
type world struct {
	*wt.Kernel
	t    *testing.T
	tree bool

	task, pid, nsproxy, fs          *layout.Type
	namespace, mount, dentry, super *layout.Type
	fstype, operations              *layout.Type

	namespaces []oracle.Address
	members    map[oracle.Address][]oracle.Address // of namespaces, nodes
	pids       map[uint64]oracle.Address
	nextID     int
	fstypes    map[string]oracle.Address
}

func newWorld(t *testing.T, tree bool) *world {
	w := &world{Kernel: wt.New(t), t: t, tree: tree, members: make(map[oracle.Address][]oracle.Address),
		pids: make(map[uint64]oracle.Address), fstypes: make(map[string]oracle.Address), nextID: 1}
	w.defineTasks()
	w.defineMounts()
	w.defineSupers()
	return w
}

func (w *world) defineTasks() {
	path := wt.Struct("path", wt.Member("mnt", wt.Pointer), wt.Member("dentry", wt.Pointer))
	w.pid = w.Define(wt.Struct("pid", wt.Member("count", wt.Int), wt.Member("tasks", wt.Array(4, wt.HListHead))))
	w.task = w.Define(wt.Struct("task_struct", wt.Member("pid_links", wt.Array(4, wt.HListNode)),
		wt.Pad(200), wt.Member("fs", wt.Pointer), wt.Member("nsproxy", wt.Pointer)))
	w.nsproxy = w.Define(wt.Struct("nsproxy", wt.Member("count", wt.Int), wt.Member("mnt_ns", wt.Pointer)))
	w.fs = w.Define(wt.Struct("fs_struct", wt.Member("users", wt.Int), wt.Member("root", path)))
	idr := wt.Struct("idr", wt.Member("idr_rt", wt.XArray))
	first := w.Define(wt.Struct("pid_namespace", wt.Member("idr", idr)))
	w.Label("init_pid_ns", w.Place(first, nil))
}

func (w *world) defineMounts() {
	common := wt.Struct("ns_common", wt.Member("inum", wt.Uint))
	vfsmount := wt.Struct("vfsmount", wt.Member("mnt_root", wt.Pointer), wt.Member("mnt_sb", wt.Pointer),
		wt.Member("mnt_flags", wt.Int), wt.Member("mnt_userns", wt.Pointer))
	w.namespace = wt.Struct("mnt_namespace", wt.Member("ns", common), wt.Member("root", wt.Pointer),
		wt.Member("list", wt.ListHead), wt.Member("mounts", wt.Uint))
	node := wt.Member("mnt_list", wt.ListHead)
	if w.tree {
		w.namespace = wt.Struct("mnt_namespace", wt.Member("ns", common), wt.Member("root", wt.Pointer),
			wt.Member("mounts", wt.RBRoot), wt.Member("mnt_ns_tree_node", wt.RBNode))
		node = wt.Member("mnt_node", wt.RBNode)
	}
	w.Define(w.namespace)
	w.mount = w.Define(wt.Struct("mount", wt.Member("mnt_parent", wt.Pointer), wt.Member("mnt_mountpoint", wt.Pointer),
		wt.Member("mnt", vfsmount), node, wt.Member("mnt_devname", wt.Pointer), wt.Member("mnt_master", wt.Pointer),
		wt.Member("mnt_ns", wt.Pointer), wt.Member("mnt_id", wt.Int), wt.Member("mnt_group_id", wt.Int)))
	qstr := wt.Struct("qstr", wt.Member("hash", wt.Uint), wt.Member("len", wt.Uint), wt.Member("name", wt.Pointer))
	hash := wt.Struct("hlist_bl_node", wt.Member("next", wt.Pointer), wt.Member("pprev", wt.Pointer))
	w.dentry = w.Define(wt.Struct("dentry", wt.Member("d_hash", hash), wt.Member("d_parent", wt.Pointer),
		wt.Member("d_name", qstr), wt.Member("d_inode", wt.Pointer), wt.Member("d_iname", wt.Array(32, wt.Char))))
}

func (w *world) defineSupers() {
	w.super = w.Define(wt.Struct("super_block", wt.Member("s_dev", wt.Uint), wt.Member("s_flags", wt.Long),
		wt.Member("s_type", wt.Pointer), wt.Member("s_op", wt.Pointer), wt.Member("s_fs_info", wt.Pointer),
		wt.Member("s_subtype", wt.Pointer), wt.Member("s_user_ns", wt.Pointer)))
	w.fstype = w.Define(wt.Struct("file_system_type", wt.Member("name", wt.Pointer), wt.Member("owner", wt.Pointer)))
	w.operations = w.Define(wt.Struct("super_operations", wt.Member("show_options", wt.Pointer),
		wt.Member("show_devname", wt.Pointer), wt.Member("show_path", wt.Pointer)))
}

// newSuper makes a super block of a type that prints no options of its own,
// and the dentry of its root.
func (w *world) newSuper(fstype string, minor int) (super, root oracle.Address) {
	if w.fstypes[fstype] == 0 {
		w.fstypes[fstype] = w.Place(w.fstype, wt.Values{"name": w.Text(fstype)})
	}
	super = w.Place(w.super, wt.Values{"s_dev": minor, "s_type": w.fstypes[fstype], "s_op": w.Place(w.operations, nil)})
	return super, w.newDentry("/", 0)
}

// newDentry makes a dentry; without a parent it is a root. Long names lie
// outside.
func (w *world) newDentry(name string, parent oracle.Address) oracle.Address {
	d := w.Place(w.dentry, wt.Values{"d_name.len": len(name), "d_hash.pprev": 1})
	if parent == 0 {
		parent = d
	}
	w.Set(w.dentry, d, "d_parent", parent)
	if len(name) < 32 {
		w.Set(w.dentry, d, "d_iname", name)
		w.Set(w.dentry, d, "d_name.name", d+w.Offset(w.dentry, "d_iname"))
	} else {
		w.Set(w.dentry, d, "d_name.name", w.Text(name))
	}
	return d
}

// newNamespace makes an empty namespace.
func (w *world) newNamespace(inum int) oracle.Address {
	ns := w.Place(w.namespace, wt.Values{"ns.inum": inum})
	w.namespaces = append(w.namespaces, ns)
	return ns
}

// newMount mounts the dentry root of a file system at the mount point of a
// parent; without a parent it is the namespace's root.
func (w *world) newMount(ns, parent, mountpoint, super, root oracle.Address, more wt.Values) oracle.Address {
	m := w.Place(w.mount, wt.Values{"mnt_ns": ns, "mnt.mnt_sb": super, "mnt.mnt_root": root, "mnt_id": w.nextID, "mnt_devname": w.Text("dev")})
	w.nextID++
	if parent == 0 {
		parent, mountpoint = m, root
		w.Set(w.namespace, ns, "root", m)
	}
	w.Set(w.mount, m, "mnt_parent", parent)
	w.Set(w.mount, m, "mnt_mountpoint", mountpoint)
	for path, value := range more {
		w.Set(w.mount, m, path, value)
	}
	w.join(ns, m)
	return m
}

// join makes a mount a member of a namespace.
func (w *world) join(ns, mount oracle.Address) {
	node := "mnt_list"
	if w.tree {
		node = "mnt_node"
	}
	w.members[ns] = append(w.members[ns], mount+w.Offset(w.mount, node))
}

// newTask makes a task that lives in a namespace with a root there.
func (w *world) newTask(number uint64, ns, mount, dentry oracle.Address) {
	fs := w.Place(w.fs, wt.Values{"root.mnt": mount + w.Offset(w.mount, "mnt"), "root.dentry": dentry})
	task := w.Place(w.task, wt.Values{"fs": fs, "nsproxy": w.Place(w.nsproxy, wt.Values{"mnt_ns": ns})})
	w.pids[number] = w.Place(w.pid, wt.Values{"tasks[0].first": task + w.Offset(w.task, "pid_links[0]")})
}

// link puts tasks, namespaces and mounts into their containers. In a world of
// trees there is one of all namespaces too.
func (w *world) link() *world {
	first, err := w.Symbol(w.t.Context(), "init_pid_ns")
	if err != nil {
		w.t.Fatal(err)
	}
	w.Extensible(first, w.pids)
	var nodes []oracle.Address
	for _, ns := range w.namespaces {
		if !w.tree {
			w.List(ns+w.Offset(w.namespace, "list"), w.members[ns]...)
			continue
		}
		w.RBTree(ns+w.Offset(w.namespace, "mounts"), w.members[ns]...)
		nodes = append(nodes, ns+w.Offset(w.namespace, "mnt_ns_tree_node"))
	}
	if w.tree {
		root := w.Reserve(8)
		w.RBTree(root, nodes...)
		w.Label("mnt_ns_tree", root)
	}
	return w
}

// columns returns the values of one column, in the order of the rows.
func columns[T any](rows []map[string]any, column string) []T {
	var values []T
	for _, r := range rows {
		v, _ := r[column].(T)
		values = append(values, v)
	}
	return values
}
