//go:build live

package lab

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/barescope/barescope/internal/lab/truth"
	"github.com/google/go-cmp/cmp"
)

// TestGuest takes one guest through its life.
func TestGuest(t *testing.T) {
	g := up(t, Options{Kernel: "linux-image-6.1.0-*-amd64"})
	t.Run("run", func(t *testing.T) { checkRun(t, g) })
	t.Run("workload", func(t *testing.T) { checkWorkload(t, g) })
	t.Run("freeze", func(t *testing.T) { checkFreeze(t, g) })
	t.Run("spawn", func(t *testing.T) { checkSpawn(t, g) })
	t.Run("crash", func(t *testing.T) { checkCrash(t, g) })
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(g.RAMFile()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its RAM is left: %v", err)
	}
}

func checkRun(t *testing.T, g *Guest) {
	output, err := g.Run(t.Context(), `printf 'a\000b\nc\377'`)
	if err != nil || output != "a\x00b\nc\xff" {
		t.Errorf("%q, %v", output, err)
	}
	if output, err = g.Run(t.Context(), "echo why >&2; exit 3"); !errors.Is(err, ErrGuest) || output != "why\n" {
		t.Errorf("%q, %v", output, err)
	}
}

func checkWorkload(t *testing.T, g *Guest) {
	s, err := g.Snapshot(t.Context(), Continue)
	if err != nil {
		t.Fatal(err)
	}
	checkTasks(t, s)
	checkModules(t, s)
	checkMounts(t, s)
	if s.Release == "" || !strings.Contains(g.Kernel().Name, s.Release) || s.BootTime.Year() < 2020 {
		t.Errorf("release %q, booted %s", s.Release, s.BootTime)
	}
}

// look describes what the tests look for in a task.
type look struct {
	Name          string
	State         byte
	Users, Groups [4]uint32
	Depth         int
}

func checkTasks(t *testing.T, s *truth.Snapshot) {
	found := map[look]int{}
	threads := map[int]int{}
	for _, x := range s.Tasks {
		found[look{x.Name, x.Stat.State, x.Users, x.Groups, len(x.NSpid)}]++
		threads[x.TGID]++
		if !x.KernelThread() && x.Name != x.Stat.Comm {
			t.Errorf("%q is %q in stat", x.Name, x.Stat.Comm)
		}
	}
	ordinary, nobody := [4]uint32{1000, 1000, 1000, 1000}, [4]uint32{65534, 65534, 65534, 65534}
	for _, want := range []look{
		{Name: "user", State: 'S', Depth: 1}, {Name: ") R 1 (", State: 'S', Depth: 1}, {Name: "new\nline", State: 'S', Depth: 1},
		{Name: "\xff\xfe\x80bad utf-8", State: 'S', Depth: 1}, {Name: "\x1b[31mred\x1b[0m", State: 'S', Depth: 1},
		{Name: "", State: 'S', Depth: 1}, {Name: "exactly15bytes!", State: 'S', Depth: 1},
		{Name: "running", State: 'R', Depth: 1}, {Name: "stopped", State: 'T', Depth: 1}, {Name: "traced", State: 't', Depth: 1},
		{Name: "zombie", State: 'Z', Depth: 1}, {Name: "blocked", State: 'D', Depth: 1}, {Name: "kthreadd", State: 'S', Depth: 1},
		{Name: "nobody", State: 'S', Users: nobody, Groups: nobody, Depth: 1},
		{Name: "setuid", State: 'S', Users: [4]uint32{1000}, Groups: ordinary, Depth: 1},
		{Name: "outer task", State: 'S', Depth: 2}, {Name: "inner task", State: 'S', Users: ordinary, Groups: ordinary, Depth: 3},
		{Name: "thread) 7 (\n", State: 'S', Depth: 1},
	} {
		if found[want] != 1 {
			t.Errorf("%d times %+v", found[want], want)
		}
	}
	if most := slices.Max(slices.Collect(maps.Values(threads))); most < 17 {
		t.Errorf("no process has more than %d threads", most)
	}
}

func checkModules(t *testing.T, s *truth.Snapshot) {
	for _, m := range s.Modules {
		if m.Name == "llc" && cmp.Equal(m.UsedBy, []string{"bridge", "stp"}) && m.State == "Live" && m.Base != 0 {
			return
		}
	}
	t.Errorf("no llc used by bridge and stp in %+v", s.Modules)
}

func checkMounts(t *testing.T, s *truth.Snapshot) {
	if len(s.Namespaces) < 5 || s.Namespaces[0].PID != 1 {
		t.Fatalf("%d namespaces", len(s.Namespaces))
	}
	points, kinds, marks := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, m := range s.Namespaces[0].Mounts {
		points[m.MountPoint], kinds[m.Type] = true, true
		for _, mark := range m.Propagation {
			name, _, _ := strings.Cut(mark, ":")
			marks[name] = true
		}
		if strings.HasSuffix(m.Root, "//deleted") {
			marks["deleted"] = true
		}
	}
	for _, want := range []string{"/mnt/with space", "/mnt/with\ttab", "/mnt/with\nnewline", `/mnt/with\backslash`, "/mnt/\x1b[31m\xff", "/etc/group"} {
		if !points[want] {
			t.Errorf("nothing on %q", want)
		}
	}
	for _, want := range []string{"tmpfs", "ramfs", "rootfs", "devtmpfs", "proc", "sysfs", "devpts", "cgroup2", "overlay", "ext4", "xfs", "fuse"} {
		if !kinds[want] {
			t.Errorf("no %s", want)
		}
	}
	for _, want := range []string{"shared", "master", "unbindable", "deleted"} {
		if !marks[want] {
			t.Errorf("nothing %s", want)
		}
	}
}

// checkFreeze looks whether RAM stands still while the guest does.
func checkFreeze(t *testing.T, g *Guest) {
	s, err := g.Snapshot(t.Context(), Freeze)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Processes()) < 100 {
		t.Errorf("%d processes", len(s.Processes()))
	}
	before, err := os.ReadFile(g.RAMFile())
	if err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(g.RAMFile())
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("RAM changes, %v", err)
	}
	if err := g.Resume(t.Context()); err != nil {
		t.Error(err)
	}
	if output, err := g.Run(t.Context(), "echo goes on"); err != nil || output != "goes on\n" {
		t.Errorf("%q, %v", output, err)
	}
}

func checkSpawn(t *testing.T, g *Guest) {
	const count = 1000
	if err := g.Spawn(t.Context(), count); err != nil {
		t.Fatal(err)
	}
	if err := g.Spawn(t.Context(), -1); !errors.Is(err, ErrGuest) {
		t.Error(err)
	}
	output, err := g.Run(t.Context(), "grep -l '^sleeper ' /proc/[0-9]*/comm | wc -l")
	if err != nil || strings.TrimSpace(output) != "1000" {
		t.Errorf("%q sleepers, %v", output, err)
	}
}

func checkCrash(t *testing.T, g *Guest) {
	s, err := g.Snapshot(t.Context(), Crash)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Processes()) < 1100 {
		t.Errorf("%d processes", len(s.Processes()))
	}
	log, err := os.ReadFile(g.LogFile())
	if err != nil || !bytes.Contains(log, []byte("Kernel panic - not syncing: sysrq triggered crash")) {
		t.Errorf("no panic in the log, %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.Run(ctx, "true"); err == nil {
		t.Error("a dead guest answers")
	}
}

// TestBootFails starts a kernel that finds no process 1.
func TestBootFails(t *testing.T) {
	_, err := Up(t.Context(), Options{Kernel: "linux-image-6.1.0-*-amd64", GuestProgram: program, CommandLine: "rdinit=/none root=/dev/none"})
	if !errors.Is(err, ErrBoot) || !strings.Contains(err.Error(), "Kernel panic") {
		t.Error(err)
	}
}
