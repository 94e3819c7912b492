package mount

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/walkers"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

// wrong is the address of nothing.
const wrong oracle.Address = 0xffff8880dead0000

// printed is what a printer says of one super block.
type printed struct {
	Options string
	Exact   bool
}

// run lets a printer read all that it asks for.
func run(t *testing.T, k walkers.Kernel, maker newPrinter, supers ...*super) []printed {
	t.Helper()
	p, err := maker(t.Context(), k, supers)
	if err != nil {
		t.Fatal(err)
	}
	for range maxRounds {
		b := object.NewBatch()
		if p.advance(b); b.Len() == 0 {
			break
		}
		if err := b.Read(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	texts, err := object.ReadTexts(t.Context(), k, p.texts(), maxText)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]printed, len(supers))
	for i := range supers {
		options, exact := p.print(i, texts)
		all[i] = printed{strings.Join(options, ","), exact}
	}
	return all
}

// printerTest is one super block: the members of its structure that are not
// as they are by default, and what is printed.
type printerTest struct {
	name   string
	values wt.Values
	want   string
	// inexact: the options may not be all.
	inexact bool
}

// runAll runs a printer on a structure for each test.
func runAll(t *testing.T, k *wt.Kernel, maker newPrinter, typ *layout.Type, usual wt.Values, tests []printerTest) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := k.Place(typ, usual)
			for path, value := range test.values {
				k.Set(typ, a, path, value)
			}
			got := run(t, k, maker, &super{info: a})
			if diff := cmp.Diff([]printed{{test.want, !test.inexact}}, got); diff != "" {
				t.Errorf("printed (-want +got):\n%s", diff)
			}
		})
	}
}

// Every printer says that it does not know what it could not read.
func TestPrintersOfUnreadableStructures(t *testing.T) {
	k := wt.New(t)
	defineShmem(k)
	defineProc(k)
	defineExt4(k)
	defineXFS(k, true)
	defineOverlay(k)
	k.Define(wt.Struct("ramfs_fs_info", wt.Member("mount_opts", wt.Struct("", wt.Member("mode", wt.Short)))))
	defineDevpts(k)
	k.Define(wt.Struct("cgroup_root", wt.Member("flags", wt.Uint)))
	k.Label("cgrp_dfl_root", wrong)
	makers := map[string]newPrinter{"shmem": newShmem, "proc": newProc, "ext4": newExt4, "xfs": newXFS, "overlay": newOverlay,
		"ramfs": newRamfs, "devpts": newDevpts, "cgroup2": newCgroup2}
	for name, maker := range makers {
		for _, info := range []oracle.Address{0, wrong} {
			got := run(t, k, maker, &super{info: info, typeName: "rootfs"})
			if diff := cmp.Diff([]printed{{}}, got); diff != "" {
				t.Errorf("%s at %s (-want +got):\n%s", name, info, diff)
			}
		}
	}
}

// A kernel that does not tell a type leaves the generic options.
func TestPrintersOfUnknownTypes(t *testing.T) {
	for name, maker := range map[string]newPrinter{"shmem": newShmem, "proc": newProc, "ext4": newExt4, "xfs": newXFS,
		"overlay": newOverlay, "ramfs": newRamfs, "devpts": newDevpts, "cgroup2": newCgroup2} {
		if _, err := maker(t.Context(), wt.New(t), []*super{{}}); !isUntold(err) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// The walk asks the printer that the function or the type tells, and marks
// what nobody knows.
func TestWalkPrintsOwnOptions(t *testing.T) {
	w := newWorld(t, true)
	shmem := defineShmem(w.Kernel)
	ns := w.newNamespace(1)
	root, rootDentry := w.newSuper("rootfs", 1)
	top := w.newMount(ns, 0, 0, root, rootDentry, nil)
	w.newTask(1, ns, top, rootDentry)
	show := w.Reserve(1)
	w.Label("shmem_show_options", show)
	for _, f := range []struct {
		fstype    string
		operation oracle.Address
		info      oracle.Address
	}{
		{"tmpfs", show, w.Place(shmem, wt.Values{"max_blocks": 256, "max_inodes": 1000, "mode": 0o1777, "full_inums": true})},
		{"sysfs", show + 1, 0},
		{"fuse", show + 1, 0},
		{"xfs", show + 1, 0}, // whose type this kernel does not tell
		{"tmpfs", show, wrong},
	} {
		sb, dentry := w.newSuper(f.fstype, 2)
		w.Set(w.super, sb, "s_op", w.Place(w.operations, wt.Values{"show_options": f.operation}))
		w.Set(w.super, sb, "s_fs_info", f.info)
		w.newMount(ns, top, w.newDentry("x", rootDentry), sb, dentry, nil)
	}
	rows := wt.Run(t, w.link(), Walker{}, walkers.Query{})
	if diff := cmp.Diff([]string{"rw", "rw,size=1024k,inode64", "rw", "rw", "rw", "rw"}, columns[string](rows, "super_options")); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
	generic := []walkers.Doubt{GenericOptions}
	want := [][]walkers.Doubt{nil, nil, nil, generic, generic, generic}
	if diff := cmp.Diff(want, columns[[]walkers.Doubt](rows, "doubt")); diff != "" {
		t.Errorf("doubts (-want +got):\n%s", diff)
	}
}

func TestWalkDoubtsOptionsUnderSELinux(t *testing.T) {
	w := newWorld(t, true)
	ns := w.newNamespace(1)
	super, root := w.newSuper("nullfs", 1)
	w.newTask(1, ns, w.newMount(ns, 0, 0, super, root, nil), root)
	state := w.Define(wt.Struct("selinux_state", wt.Member("enforcing", wt.Bool), wt.Member("initialized", wt.Bool)))
	at := w.Place(state, nil)
	w.Label("selinux_state", at)
	w.link()
	for _, on := range []bool{false, true} {
		w.Set(state, at, "initialized", on)
		rows := wt.Run(t, w, Walker{}, walkers.Query{})
		if doubted := rows[0]["doubt"] != nil; doubted != on {
			t.Errorf("with a policy %v: doubt %v", on, rows[0]["doubt"])
		}
	}
}

// The doubt of a source that its file system tells in its own way.
func TestWalkDoubtsSourcesOfTheirOwn(t *testing.T) {
	w := newWorld(t, false)
	ns := w.newNamespace(1)
	sb, root := w.newSuper("btrfs", 1)
	w.Set(w.super, sb, "s_op", w.Place(w.operations, wt.Values{"show_devname": w.Reserve(1)}))
	w.newTask(1, ns, w.newMount(ns, 0, 0, sb, root, wt.Values{"mnt_devname": 0}), root)
	rows := wt.Run(t, w.link(), Walker{}, walkers.Query{})
	if diff := cmp.Diff([]walkers.Doubt{GenericSource}, rows[0]["doubt"]); diff != "" || rows[0]["source"] != "none" {
		t.Errorf("source %v, doubt (-want +got):\n%s", rows[0]["source"], diff)
	}
}

func TestPrinterStopsAtUnreadableStrings(t *testing.T) {
	k := wt.New(t)
	typ := defineXFS(k, true)
	a := k.Place(typ, wt.Values{"m_logname": wrong})
	k.Fail(wrong, 8, transport.Timeout)
	if got := run(t, k, newXFS, &super{info: a}); got[0].Exact {
		t.Errorf("printed %+v", got)
	}
}
