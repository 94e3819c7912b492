package mount

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/walkers"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

const flagShared = 0x1000

// A chain of masters: the first is out of reach, the second in another
// namespace, the third has a peer that the reader sees.
func TestPropagationNamesTheNearestVisibleMaster(t *testing.T) {
	w := newWorld(t, true)
	ns, other := w.newNamespace(1), w.newNamespace(2)
	super, root := w.newSuper("tmpfs", 1)
	bottom := w.newMount(ns, 0, 0, super, root, nil)
	top := w.newMount(ns, bottom, root, super, root, nil)
	abroad := w.newMount(other, 0, 0, super, root, nil)
	group := func(id int) wt.Values { return wt.Values{"mnt.mnt_flags": flagShared, "mnt_group_id": id} }
	third := w.newMount(other, abroad, w.newDentry("third", root), super, root, group(30))
	second := w.newMount(other, abroad, w.newDentry("second", root), super, root, group(20))
	w.Set(w.mount, second, "mnt_master", third)
	first := w.newMount(ns, bottom, w.newDentry("first", root), super, root, group(10))
	w.Set(w.mount, first, "mnt_master", second)
	w.newMount(ns, top, w.newDentry("peer of third", root), super, root, group(30))
	slave := group(40)
	slave["mnt_master"] = first
	w.newMount(ns, top, w.newDentry("slave", root), super, root, slave)
	w.newMount(ns, top, w.newDentry("direct", root), super, root, wt.Values{"mnt_master": third})
	w.newMount(ns, top, w.newDentry("unbindable", root), super, root, wt.Values{"mnt.mnt_flags": 0x2000})
	w.newTask(1, ns, top, root)
	rows := wt.Run(t, w.link(), Walker{}, walkers.Query{})
	want := []string{"", "", "shared:10 master:20 propagate_from:30", "shared:30", "shared:40 master:10 propagate_from:30", "master:30", "unbindable"}
	if diff := cmp.Diff(want, columns[string](rows, "propagation")[:len(want)]); diff != "" {
		t.Errorf("propagation (-want +got):\n%s", diff)
	}
}

// A master that lies in no namespace is read for its group alone.
func TestPropagationReadsForeignMasters(t *testing.T) {
	for _, readable := range []bool{true, false} {
		w := newWorld(t, false)
		ns := w.newNamespace(1)
		super, root := w.newSuper("tmpfs", 1)
		foreign := w.Place(w.mount, wt.Values{"mnt_group_id": 5})
		top := w.newMount(ns, 0, 0, super, root, wt.Values{"mnt_master": foreign})
		w.newTask(1, ns, top, root)
		if !readable {
			w.Fail(foreign, 8, transport.Timeout)
		}
		rows := wt.Run(t, w.link(), Walker{}, walkers.Query{})
		want := map[bool]string{true: "master:5", false: ""}[readable]
		if got := rows[0]["propagation"]; got != want {
			t.Errorf("propagation %q, want %q", got, want)
		}
		if doubted := rows[0]["doubt"] != nil; doubted == readable {
			t.Errorf("readable %v: doubt %v", readable, rows[0]["doubt"])
		}
	}
}

// Masters in a circle end nowhere, and the walk ends.
func TestPropagationOfMastersInACircle(t *testing.T) {
	w := newWorld(t, false)
	ns := w.newNamespace(1)
	super, root := w.newSuper("tmpfs", 1)
	top := w.newMount(ns, 0, 0, super, root, wt.Values{"mnt_group_id": 3})
	w.Set(w.mount, top, "mnt_master", top)
	w.newTask(1, ns, top, root)
	rows := wt.Run(t, w.link(), Walker{}, walkers.Query{})
	if got := rows[0]["propagation"]; got != "master:3" {
		t.Errorf("propagation %q", got)
	}
}

func TestTreeFlags(t *testing.T) {
	got := []propagationFlags{newPropagationFlags(0x3000), newPropagationFlags(3), newTreeFlags(3), newTreeFlags(0x3000)}
	want := []propagationFlags{{true, true}, {}, {true, true}, {}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(propagationFlags{})); diff != "" {
		t.Errorf("flags (-want +got):\n%s", diff)
	}
}
