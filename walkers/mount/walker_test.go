package mount

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/walkers"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

// shapesOf runs a test on kernels that keep mounts in lists and in trees.
func shapesOf(t *testing.T, test func(t *testing.T, tree bool)) {
	for _, tree := range []bool{false, true} {
		t.Run(map[bool]string{false: "lists", true: "trees"}[tree], func(t *testing.T) { test(t, tree) })
	}
}

func TestWalkYieldsEveryColumn(t *testing.T) {
	shapesOf(t, func(t *testing.T, tree bool) {
		w := newWorld(t, tree)
		ns := w.newNamespace(4026531840)
		super, root := w.newSuper("rootfs", 2)
		top := w.newMount(ns, 0, 0, super, root, nil)
		fuse, fuseRoot := w.newSuper("fuse", 8<<20|17)
		w.Set(w.super, fuse, "s_subtype", w.Text("sshfs"))
		w.Set(w.super, fuse, "s_flags", 1|1<<4)
		directory := w.newDentry("a name of more than thirty-two bytes", root)
		bind := w.newMount(ns, top, directory, fuse, w.newDentry("sub dir", fuseRoot), wt.Values{
			"mnt.mnt_flags": 0x40 | 0x1 | 0x20 | 0x1000, "mnt_group_id": 7, "mnt_devname": w.Text("me@host:/x y")})
		w.newTask(1, ns, top, root)
		want := []map[string]any{{
			"address": top, "namespace": uint64(4026531840), "mount_id": int64(1), "parent_id": int64(1), "device": "0:2",
			"root": "/", "mount_point": "/", "options": "rw", "propagation": "", "fstype": "rootfs", "source": "dev", "super_options": "rw",
		}, {
			"address": bind, "namespace": uint64(4026531840), "mount_id": int64(2), "parent_id": int64(1), "device": "8:17",
			"root": "/sub dir", "mount_point": "/a name of more than thirty-two bytes", "options": "ro,nosuid,relatime",
			"propagation": "shared:7", "fstype": "fuse.sshfs", "source": "me@host:/x y", "super_options": "ro,sync",
		}}
		if diff := cmp.Diff(want, wt.Run(t, w.link(), Walker{}, walkers.Query{})); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
}

// A switched root: the initramfs is out of reach below the real root.
func TestWalkMarksWhatTheRootCannotReach(t *testing.T) {
	shapesOf(t, func(t *testing.T, tree bool) {
		w := newWorld(t, tree)
		ns := w.newNamespace(1)
		below, belowRoot := w.newSuper("rootfs", 1)
		disk, diskRoot := w.newSuper("ext4", 2)
		bottom := w.newMount(ns, 0, 0, below, belowRoot, nil)
		top := w.newMount(ns, bottom, belowRoot, disk, diskRoot, nil)
		w.newMount(ns, top, w.newDentry("b", w.newDentry("a", diskRoot)), below, belowRoot, nil)
		w.newMount(ns, bottom, w.newDentry("lost", belowRoot), below, belowRoot, nil)
		w.newTask(1, ns, top, diskRoot)
		rows := wt.Run(t, w.link(), Walker{}, walkers.Query{})
		if diff := cmp.Diff([]string{"/", "/", "/a/b", "/lost"}, columns[string](rows, "mount_point")); diff != "" {
			t.Errorf("mount points (-want +got):\n%s", diff)
		}
		out := []walkers.Doubt{Unreachable}
		if diff := cmp.Diff([][]walkers.Doubt{out, nil, nil, out}, columns[[]walkers.Doubt](rows, "doubt")); diff != "" {
			t.Errorf("doubts (-want +got):\n%s", diff)
		}
	})
}

// Nobody lives in the second namespace: only the tree of namespaces has it.
func TestWalkFindsNamespacesWithoutTasks(t *testing.T) {
	shapesOf(t, func(t *testing.T, tree bool) {
		w := newWorld(t, tree)
		first, second := w.newNamespace(1), w.newNamespace(2)
		super, root := w.newSuper("tmpfs", 1)
		top := w.newMount(first, 0, 0, super, root, nil)
		w.newTask(1, first, top, root)
		bottom := w.newMount(second, 0, 0, super, root, nil)
		cover, coverRoot := w.newSuper("tmpfs", 2)
		over := w.newMount(second, bottom, root, cover, coverRoot, nil)
		w.newMount(second, over, w.newDentry("x", coverRoot), super, root, nil)
		rows := wt.Run(t, w.link(), Walker{}, walkers.Query{})
		want := []string{"1 /", "2 /", "2 /", "2 /x"}
		if !tree {
			want = want[:1]
		}
		var got []string
		for _, r := range rows {
			got = append(got, fmt.Sprintf("%d %s", r["namespace"], r["mount_point"]))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("mounts (-want +got):\n%s", diff)
		}
	})
}

// The first task whose root is in the namespace decides, be it chrooted.
func TestWalkTakesTheRootOfTheLowestPID(t *testing.T) {
	w := newWorld(t, true)
	ns, other := w.newNamespace(1), w.newNamespace(2)
	super, root := w.newSuper("tmpfs", 1)
	top := w.newMount(ns, 0, 0, super, root, nil)
	elsewhere := w.newMount(other, 0, 0, super, root, nil)
	jail := w.newDentry("jail", root)
	w.newMount(ns, top, w.newDentry("in", jail), super, root, nil)
	w.newTask(9, ns, top, root)
	w.newTask(5, ns, top, jail)
	w.newTask(3, ns, elsewhere, root)
	rows := wt.Run(t, w.link(), Walker{}, walkers.Query{})
	if diff := cmp.Diff([]string{"/", "/in", "/"}, columns[string](rows, "mount_point")); diff != "" {
		t.Errorf("mount points (-want +got):\n%s", diff)
	}
}

func TestWalkNamesDeletedRoots(t *testing.T) {
	w := newWorld(t, false)
	ns := w.newNamespace(1)
	super, root := w.newSuper("tmpfs", 1)
	top := w.newMount(ns, 0, 0, super, root, nil)
	gone := w.newDentry("gone", root)
	w.Set(w.dentry, gone, "d_hash.pprev", 0)
	w.newMount(ns, top, w.newDentry("at", root), super, gone, nil)
	w.newTask(1, ns, top, root)
	rows := wt.Run(t, w.link(), Walker{}, walkers.Query{})
	if diff := cmp.Diff([]string{"/", "/gone//deleted"}, columns[string](rows, "root")); diff != "" {
		t.Errorf("roots (-want +got):\n%s", diff)
	}
}

// From 5.8 to 6.7 readers of mountinfo leave a mark in the list.
func TestWalkSkipsCursors(t *testing.T) {
	w := newWorld(t, false)
	ns := w.newNamespace(1)
	super, root := w.newSuper("tmpfs", 1)
	top := w.newMount(ns, 0, 0, super, root, nil)
	w.join(ns, w.Place(w.mount, wt.Values{"mnt.mnt_flags": flagCursor}))
	w.newMount(ns, top, w.newDentry("x", root), super, root, nil)
	w.newTask(1, ns, top, root)
	rows := wt.Run(t, w.link(), Walker{}, walkers.Query{})
	if diff := cmp.Diff([]int64{1, 2}, columns[int64](rows, "mount_id")); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
}

// One bad mount, in whatever way, is a marked row among good ones.
func TestWalkMarksBadMounts(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(w *world, mount, mountpoint oracle.Address)
		doubt walkers.Doubt
		unset []string
	}{
		{"mount unreadable", func(w *world, m, _ oracle.Address) { w.Fail(m, 8, transport.Timeout) }, walkers.Unreadable,
			[]string{"mount_id", "mount_point", "device", "options", "source"}},
		{"dentry unreadable", func(w *world, _, d oracle.Address) { w.Fail(d, 64, transport.Timeout) }, walkers.Unreadable,
			[]string{"mount_point"}},
		{"dentry its own grandparent", func(w *world, _, d oracle.Address) {
			w.Set(w.dentry, d, "d_parent", w.newDentry("loop", d))
		}, walkers.Looped, []string{"mount_point"}},
		{"no parent", func(w *world, _, d oracle.Address) { w.Set(w.dentry, d, "d_parent", 8) }, walkers.Corrupt, []string{"mount_point"}},
		{"endless name", func(w *world, _, d oracle.Address) { w.Set(w.dentry, d, "d_name.len", 1<<31) }, walkers.Corrupt, []string{"mount_point"}},
		{"name unreadable", func(w *world, _, d oracle.Address) {
			w.Set(w.dentry, d, "d_name.name", oracle.Address(0xffff8880dead0000))
		}, walkers.Unreadable, []string{"mount_point"}},
		{"in no namespace", func(w *world, m, _ oracle.Address) { w.Set(w.mount, m, "mnt_ns", 0) }, walkers.Torn, nil},
		{"parents in a circle", func(w *world, m, d oracle.Address) {
			other := w.Place(w.mount, wt.Values{"mnt_parent": m, "mnt_mountpoint": d, "mnt.mnt_root": d, "mnt.mnt_sb": 8})
			w.Set(w.mount, m, "mnt_parent", other)
		}, walkers.Looped, []string{"mount_point"}},
		{"no super block", func(w *world, m, _ oracle.Address) { w.Set(w.mount, m, "mnt.mnt_sb", 0) }, walkers.Unreadable,
			[]string{"device", "fstype", "super_options", "source"}},
		{"source unreadable", func(w *world, m, _ oracle.Address) { w.Set(w.mount, m, "mnt_devname", 8) }, walkers.Unreadable, []string{"source"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, true)
			ns := w.newNamespace(1)
			super, root := w.newSuper("tmpfs", 1)
			top := w.newMount(ns, 0, 0, super, root, nil)
			mountpoint := w.newDentry("bad", root)
			bad := w.newMount(ns, top, mountpoint, super, root, nil)
			w.newMount(ns, top, w.newDentry("good", root), super, root, nil)
			w.newTask(1, ns, top, root)
			w.link()
			test.spoil(w, bad, mountpoint)
			rows := wt.Run(t, w, Walker{}, walkers.Query{})
			if diff := cmp.Diff([][]walkers.Doubt{nil, {test.doubt}, nil}, columns[[]walkers.Doubt](rows, "doubt")); diff != "" {
				t.Fatalf("doubts (-want +got):\n%s", diff)
			}
			for _, column := range test.unset {
				if v, ok := rows[1][column]; ok {
					t.Errorf("%s is %v, want it not known", column, v)
				}
			}
			if at := rows[2]["mount_point"]; at != "/good" {
				t.Errorf("the good mount is at %v", at)
			}
		})
	}
}

// A namespace whose mounts cannot be read is said, not left out.
func TestWalkSaysWhenANamespaceIsUnreadable(t *testing.T) {
	w := newWorld(t, false)
	ns := w.newNamespace(1)
	super, root := w.newSuper("tmpfs", 1)
	w.newTask(1, ns, w.newMount(ns, 0, 0, super, root, nil), root)
	w.link()
	w.Fail(ns, 8, transport.Timeout)
	w.Fail(ns+w.Offset(w.namespace, "list"), 16, transport.Timeout)
	want := []map[string]any{{"doubt": []walkers.Doubt{walkers.Unreadable}}}
	if diff := cmp.Diff(want, wt.Run(t, w, Walker{}, walkers.Query{})); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// Without all pids there may be namespaces that nobody told of.
func TestWalkSaysWhenNamespacesMayBeMissing(t *testing.T) {
	w := newWorld(t, false)
	ns := w.newNamespace(1)
	super, root := w.newSuper("tmpfs", 1)
	top := w.newMount(ns, 0, 0, super, root, nil)
	w.newTask(1, ns, top, root)
	w.pids[2] = 0xfff8 // not an address of the kernel
	rows := wt.Run(t, w.link(), Walker{}, walkers.Query{})
	want := map[string]any{"doubt": []walkers.Doubt{walkers.Corrupt}}
	if len(rows) != 2 || !cmp.Equal(want, rows[1]) {
		t.Errorf("rows %v", rows)
	}
}

func TestWalkReadsTornMountsAgain(t *testing.T) {
	w := newWorld(t, true)
	ns := w.newNamespace(1)
	super, root := w.newSuper("tmpfs", 1)
	top := w.newMount(ns, 0, 0, super, root, wt.Values{"mnt_ns": 0})
	w.newTask(1, ns, top, root)
	w.link()
	w.Before = func(_ int, fresh bool) {
		if fresh {
			w.Set(w.mount, top, "mnt_ns", ns)
		}
	}
	rows := wt.Run(t, w, Walker{}, walkers.Query{})
	if len(rows) != 1 || rows[0]["doubt"] != nil {
		t.Errorf("rows %v", rows)
	}
}

func TestWalkRefusesUnknownShapes(t *testing.T) {
	bare := wt.New(t)
	bare.Define(wt.Struct("dentry", wt.Member("d_parent", wt.Pointer), wt.Member("d_name", wt.Long)))
	for name, k := range map[string]walkers.Kernel{"no types": wt.New(t), "odd dentry": bare} {
		err := Walker{}.Walk(t.Context(), k, walkers.Query{}, func(walkers.Row) error { return nil })
		if !errors.Is(err, walkers.ErrUnknownShape) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestNewMembershipNamesWhatIsMissing(t *testing.T) {
	w := newWorld(t, false)
	counter := wt.Struct("mnt_namespace", wt.Member("mounts", wt.Uint))
	if _, err := newMembership(counter, w.mount); !errors.Is(err, walkers.ErrUnknownShape) || !errors.Is(err, errNoMounts) {
		t.Errorf("error %v", err)
	}
}

func TestWalkStopsWhenEmitFails(t *testing.T) {
	w := newWorld(t, true)
	ns := w.newNamespace(1)
	super, root := w.newSuper("tmpfs", 1)
	top := w.newMount(ns, 0, 0, super, root, nil)
	w.newMount(ns, top, w.newDentry("x", root), super, root, nil)
	w.newTask(1, ns, top, root)
	full, calls := errors.New("full"), 0
	err := Walker{}.Walk(t.Context(), w.link(), walkers.Query{}, func(walkers.Row) error { calls++; return full })
	if !errors.Is(err, full) || calls != 1 {
		t.Errorf("%d calls, error %v", calls, err)
	}
}

// Whatever memory holds, a walk ends, and its rows are as the table says.
func TestWalkSurvivesDamage(t *testing.T) {
	shapesOf(t, func(t *testing.T, tree bool) {
		for seed := range uint64(100) {
			w := newWorld(t, tree)
			shmem := defineShmem(w.Kernel)
			show := w.Reserve(1)
			w.Label("shmem_show_options", show)
			ns := w.newNamespace(1)
			super, root := w.newSuper("tmpfs", 1)
			w.Set(w.super, super, "s_op", w.Place(w.operations, wt.Values{"show_options": show}))
			w.Set(w.super, super, "s_fs_info", w.Place(shmem, usualTmpfs))
			top := w.newMount(ns, 0, 0, super, root, nil)
			for range 5 {
				w.newMount(ns, top, w.newDentry("x", w.newDentry("a directory of a very long name", root)), super, root, wt.Values{"mnt_master": top})
			}
			w.newTask(1, ns, top, root)
			damaged := &damager{Kernel: w.link(), random: rand.New(rand.NewPCG(seed, 0))}
			err := Walker{}.Walk(t.Context(), damaged, walkers.Query{}, func(r walkers.Row) error { return wt.Check(&table, r) })
			if err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
		}
	})
}

// damager is a kernel that fails one read in 16, and spoils another.
type damager struct {
	walkers.Kernel
	random *rand.Rand
}

func (d *damager) ReadVirtual(ctx context.Context, reads []oracle.Read) error {
	err := d.Kernel.ReadVirtual(ctx, reads)
	for i := range reads {
		switch data := reads[i].Data; d.random.IntN(16) {
		case 0:
			reads[i].Outcome = transport.Timeout
		case 1:
			if len(data) > 0 {
				data[d.random.IntN(len(data))] ^= byte(1 << d.random.IntN(8))
			}
		}
	}
	return err
}

// What a walk costs is a matter of how deep things are: sixteen times the
// namespaces and mounts make the two trees four levels deeper each.
func TestWalkTakesStepsByDepth(t *testing.T) {
	batches := func(namespaces, mounts int) int {
		w := newWorld(t, true)
		for i := range namespaces {
			ns := w.newNamespace(i + 1)
			super, root := w.newSuper("tmpfs", i)
			top := w.newMount(ns, 0, 0, super, root, nil)
			for j := range mounts - 1 {
				w.newMount(ns, top, w.newDentry(fmt.Sprintf("a mount point with a long name, %d", j), root), super, root, nil)
			}
			w.newTask(uint64(i+1), ns, top, root)
		}
		counter := wt.Count(w.link())
		if rows := wt.Run(t, counter, Walker{}, walkers.Query{}); len(rows) != namespaces*mounts {
			t.Fatalf("%d rows, want %d", len(rows), namespaces*mounts)
		}
		return counter.Counts().Batches
	}
	few, many := batches(3, 3), batches(48, 48)
	if few > 24 || many > few+8 {
		t.Errorf("%d batches for 9 mounts, %d for 2304", few, many)
	}
}
