package mount

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/walkers"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

// A network namespace that is kept by mounting its file, and one whose inode
// cannot be read: that has the name of its dentry.
func TestWalkNamesNamespaceFiles(t *testing.T) {
	w := newWorld(t, true)
	inode := w.Define(wt.Struct("inode", wt.Member("i_ino", wt.Long), wt.Member("i_private", wt.Pointer)))
	common := w.Define(wt.Struct("ns_common", wt.Member("ops", wt.Pointer), wt.Member("inum", wt.Uint)))
	kind := w.Define(wt.Struct("proc_ns_operations", wt.Member("name", wt.Pointer)))
	ns := w.newNamespace(1)
	super, root := w.newSuper("tmpfs", 1)
	top := w.newMount(ns, 0, 0, super, root, nil)
	w.newTask(1, ns, top, root)
	space := w.Place(common, wt.Values{"ops": w.Place(kind, wt.Values{"name": w.Text("net")})})
	for _, i := range []oracle.Address{w.Place(inode, wt.Values{"i_ino": 4026532281, "i_private": space}), wrong} {
		nsfs, file := w.newSuper("nsfs", 4)
		w.Set(w.dentry, file, "d_inode", i)
		w.newMount(ns, top, w.newDentry("x", root), nsfs, file, nil)
	}
	rows := wt.Run(t, w.link(), Walker{}, walkers.Query{})
	if diff := cmp.Diff([]string{"/", "net:[4026532281]", "/"}, columns[string](rows, "root")); diff != "" {
		t.Errorf("roots (-want +got):\n%s", diff)
	}
}
