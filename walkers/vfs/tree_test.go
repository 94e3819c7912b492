package vfs

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/walkers"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

// world is a kernel with mounts and dentries.
type world struct {
	*wt.Kernel
	dentry, mount *layout.Type
}

func newWorld(t *testing.T) *world {
	k := wt.New(t)
	qstr := wt.Struct("qstr", wt.Member("hash", wt.Uint), wt.Member("len", wt.Uint), wt.Member("name", wt.Pointer))
	hash := wt.Struct("hlist_bl_node", wt.Member("next", wt.Pointer), wt.Member("pprev", wt.Pointer))
	vfsmount := wt.Struct("vfsmount", wt.Member("mnt_root", wt.Pointer))
	return &world{k,
		k.Define(wt.Struct("dentry", wt.Member("d_hash", hash), wt.Member("d_parent", wt.Pointer), wt.Member("d_name", qstr),
			wt.Member("d_shortname", wt.Array(40, wt.Char)))),
		k.Define(wt.Struct("mount", wt.Member("mnt_hash", wt.Long), wt.Member("mnt_parent", wt.Pointer),
			wt.Member("mnt_mountpoint", wt.Pointer), wt.Member("mnt", vfsmount))),
	}
}

// path makes a dentry for each component, the first in a parent, and returns
// the last. Without a parent there is a root before them.
func (w *world) path(parent oracle.Address, names ...string) oracle.Address {
	if parent == 0 {
		parent = w.Place(w.dentry, nil)
		w.Set(w.dentry, parent, "d_parent", parent)
		w.name(parent, "/")
	}
	for _, name := range names {
		parent = w.Place(w.dentry, wt.Values{"d_parent": parent, "d_hash.pprev": 1})
		w.name(parent, name)
	}
	return parent
}

func (w *world) name(d oracle.Address, name string) {
	w.Set(w.dentry, d, "d_name.len", len(name))
	if len(name) <= 40 {
		w.Set(w.dentry, d, "d_shortname", name)
		w.Set(w.dentry, d, "d_name.name", d+w.Offset(w.dentry, "d_shortname"))
	} else {
		w.Set(w.dentry, d, "d_name.name", w.Text(name))
	}
}

// mountAt makes a mount; without a parent it is the top one.
func (w *world) mountAt(parent, mountpoint, root oracle.Address) oracle.Address {
	m := w.Place(w.mount, wt.Values{"mnt_parent": parent, "mnt_mountpoint": mountpoint, "mnt.mnt_root": root})
	if parent == 0 {
		w.Set(w.mount, m, "mnt_parent", m)
		w.Set(w.mount, m, "mnt_mountpoint", root)
	}
	return m
}

func (w *world) load(t *testing.T, locations ...Location) *Tree {
	t.Helper()
	tree, err := NewTree(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	if err := tree.Load(t.Context(), locations); err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestPathClimbsThroughMounts(t *testing.T) {
	w := newWorld(t)
	root, inner := w.path(0), w.path(0)
	top := w.mountAt(0, 0, root)
	long := strings.Repeat("a long name\n", 20)
	sub := w.path(inner, "sub")
	bind := w.mountAt(top, w.path(root, "mnt", long), sub)
	at := Location{bind, w.path(sub, "x y", "\xff")}
	moved := Location{bind, w.path(inner, "moved", "out")}
	tree := w.load(t, at, moved)
	tests := []struct {
		name     string
		at, root Location
		want     Path
	}{
		{"from the top", at, Location{top, root}, Path{Text: "/mnt/" + long + "/x y/\xff", Reachable: true}},
		{"from the mount", at, Location{bind, sub}, Path{Text: "/x y/\xff", Reachable: true}},
		{"itself", at, at, Path{Text: "/", Reachable: true}},
		{"from elsewhere", at, Location{top, sub}, Path{Text: "/mnt/" + long + "/x y/\xff"}},
		{"moved out of its mount", moved, Location{top, root}, Path{Text: "/moved/out"}},
		{"not loaded", Location{bind, 1}, Location{top, root}, Path{Doubt: walkers.Unreadable}},
		{"mount not loaded", Location{1, sub}, Location{top, root}, Path{Doubt: walkers.Unreadable}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, tree.Path(test.at, test.root)); diff != "" {
				t.Errorf("path (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDentryPath(t *testing.T) {
	w := newWorld(t)
	root := w.path(0)
	gone := w.path(root, "dir", "gone")
	w.Set(w.dentry, gone, "d_hash.pprev", 0)
	tree := w.load(t, Location{Dentry: gone})
	if diff := cmp.Diff(Path{Text: "/dir/gone", Reachable: true}, tree.DentryPath(gone)); diff != "" {
		t.Errorf("path (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Path{Text: "/", Reachable: true}, tree.DentryPath(root)); diff != "" {
		t.Errorf("path of the root (-want +got):\n%s", diff)
	}
	if !tree.Deleted(gone) || tree.Deleted(root) || tree.Deleted(1) {
		t.Errorf("deleted: %v, the root %v, nothing %v", tree.Deleted(gone), tree.Deleted(root), tree.Deleted(1))
	}
}

func TestMountOf(t *testing.T) {
	w := newWorld(t)
	top := w.mountAt(0, 0, w.path(0))
	tree := w.load(t, Location{Mount: top})
	if got := tree.MountOf(top + w.Offset(w.mount, "mnt")); got != top || tree.MountOf(0) != 0 {
		t.Errorf("mount at %s, want %s; of nothing %s", got, top, tree.MountOf(0))
	}
	if m, ok := tree.Mount(top); !ok || m.Parent != top {
		t.Errorf("mount %+v, known %v", m, ok)
	}
	if _, ok := tree.Mount(1); ok {
		t.Error("there is a mount at 1")
	}
}

// A chain that comes back to itself, or has no end, is said and ends.
func TestLoopsEnd(t *testing.T) {
	w := newWorld(t)
	root := w.path(0)
	a := w.path(root, "a")
	b := w.path(a, "b")
	w.Set(w.dentry, a, "d_parent", b)
	first, second := w.mountAt(0, 0, root), w.mountAt(0, 0, root)
	w.Set(w.mount, first, "mnt_parent", second)
	w.Set(w.mount, second, "mnt_parent", first)
	tree := w.load(t, Location{Dentry: b}, Location{Mount: first, Dentry: root})
	for name, got := range map[string]Path{"dentries": tree.DentryPath(b), "mounts": tree.Path(Location{first, root}, Location{})} {
		if diff := cmp.Diff(Path{Doubt: walkers.Looped}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestBrokenChainsAreMarked(t *testing.T) {
	w := newWorld(t)
	root := w.path(0)
	top := w.mountAt(0, 0, root)
	unmapped := w.path(root, "unmapped", "x")
	w.Fail(unmapped, 64, transport.Timeout)
	nowhere := w.path(root, "nowhere")
	w.Set(w.dentry, nowhere, "d_parent", 0)
	oversize := w.path(root, "oversize")
	w.Set(w.dentry, oversize, "d_name.len", 41)
	badMount := w.mountAt(0, 0, root)
	w.Set(w.mount, badMount, "mnt_mountpoint", 0)
	noMount := top + 1<<30
	for name, test := range map[string]struct {
		at    Location
		doubt walkers.Doubt
	}{
		"dentry unreadable": {Location{top, unmapped}, walkers.Unreadable},
		"no parent":         {Location{top, nowhere}, walkers.Corrupt},
		"name too long":     {Location{top, oversize}, walkers.Corrupt},
		"mount corrupt":     {Location{badMount, root}, walkers.Corrupt},
		"mount unreadable":  {Location{noMount, root}, walkers.Unreadable},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.load(t, test.at).Path(test.at, Location{})
			if diff := cmp.Diff(Path{Doubt: test.doubt}, got); diff != "" {
				t.Errorf("path (-want +got):\n%s", diff)
			}
		})
	}
}

// Many paths of the same depth cost as many batches as one: a batch for each
// level that is not known by then, and one for long names.
func TestLoadTakesStepsByDepth(t *testing.T) {
	for _, n := range []int{1, 500} {
		w := newWorld(t)
		root := w.path(0)
		top := w.mountAt(0, 0, root)
		var all []Location
		for i := range n {
			all = append(all, Location{top, w.path(root, "a", fmt.Sprintf("%050d", i), "c")})
		}
		counter := wt.Count(w)
		tree, err := NewTree(t.Context(), counter)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Load(t.Context(), all); err != nil {
			t.Fatal(err)
		}
		if got := counter.Counts().Batches; got != 4 {
			t.Errorf("%d batches for %d paths, want 4", got, n)
		}
		if err := tree.Load(t.Context(), all); err != nil || counter.Counts().Batches != 4 {
			t.Errorf("%d batches after loading the same again, error %v", counter.Counts().Batches, err)
		}
	}
}

// What is above a mount that the caller has read is still loaded.
func TestAddMount(t *testing.T) {
	w := newWorld(t)
	root, other := w.path(0), w.path(0)
	top := w.mountAt(0, 0, root)
	inner := w.mountAt(top, w.path(root, "here"), other)
	tree, err := NewTree(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	tree.AddMount(inner, Mount{Parent: top, Mountpoint: w.path(root, "there"), Root: other})
	if err := tree.Load(t.Context(), []Location{{Mount: inner}}); err != nil {
		t.Fatal(err)
	}
	if got := tree.Path(Location{inner, other}, Location{top, root}); got.Text != "/there" {
		t.Errorf("path %+v", got)
	}
}

func TestNewTreeRefusesUnknownShapes(t *testing.T) {
	noLength := wt.New(t)
	noLength.Define(wt.Struct("dentry", wt.Member("d_parent", wt.Pointer), wt.Member("d_name", wt.Pointer)))
	noMount := newWorld(t)
	onlyDentries := wt.New(t)
	onlyDentries.Define(noMount.dentry)
	noRoot := wt.New(t)
	noRoot.Define(noMount.dentry)
	noRoot.Define(wt.Struct("mount", wt.Member("mnt_parent", wt.Pointer), wt.Member("mnt_mountpoint", wt.Pointer), wt.Member("mnt", wt.Long)))
	for name, k := range map[string]walkers.Kernel{"nothing": wt.New(t), "dentry": noLength, "no mount": onlyDentries, "mount": noRoot} {
		if _, err := NewTree(t.Context(), k); !errors.Is(err, walkers.ErrUnknownShape) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
