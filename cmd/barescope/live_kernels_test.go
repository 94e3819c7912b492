//go:build live

package main

import (
	"flag"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/internal/lab"
	"github.com/barescope/barescope/internal/lab/truth"
	"github.com/barescope/barescope/transport/adapter"
)

// targets are the machines that everything must work on: each kernel with
// little memory and 4-level paging, and with a hole below 4 GiB and 5 levels,
// which Debian's 5.10 cannot have.
var targets = map[string]lab.Options{
	"6.1":                 {Kernel: "linux-image-6.1.0-*-amd64"},
	"6.1-5GiB-la57":       {Kernel: "linux-image-6.1.0-*-amd64", Memory: 5120, LA57: true},
	"6.1-cloud":           {Kernel: "linux-image-6.1.0-*-cloud-amd64", PTI: true},
	"6.1-cloud-5GiB-la57": {Kernel: "linux-image-6.1.0-*-cloud-amd64", Memory: 5120, LA57: true},
	"6.12":                {Kernel: "linux-image-6.12.*+deb12-amd64"},
	"6.12-5GiB-la57":      {Kernel: "linux-image-6.12.*+deb12-amd64", Memory: 5120, LA57: true, PTI: true},
	"5.10":                {Kernel: "linux-image-5.10.0-32-amd64"},
	"5.10-5GiB":           {Kernel: "linux-image-5.10.0-32-amd64", Memory: 5120, PTI: true},
	"7.2":                 {Kernel: "linux-image-7.*+deb14-amd64"},
	"7.2-5GiB-la57":       {Kernel: "linux-image-7.*+deb14-amd64", Memory: 5120, LA57: true},
}

// other names a kernel to try instead of the targets.
var other = flag.String("kernel", "", "compare this Debian `package`, or vmlinuz, instead of the usual kernels")

// chosen returns the targets, or the other kernel in both of their shapes.
func chosen() map[string]lab.Options {
	if *other == "" {
		return targets
	}
	return map[string]lab.Options{
		"other":           {Kernel: *other},
		"other-5GiB-la57": {Kernel: *other, Memory: 5120, LA57: true, PTI: true},
	}
}

// TestLiveKernels holds barescope, which is told nothing about the guest,
// against what the guest says about itself: standing still, over a bad
// network, running, and panicked.
func TestLiveKernels(t *testing.T) {
	kernels := chosen()
	for _, name := range slices.Sorted(maps.Keys(kernels)) {
		t.Run(name, func(t *testing.T) {
			g := boot(t, kernels[name])
			url := serve(t, g, adapter.Options{})
			t.Run("paused", func(t *testing.T) { comparePaused(t, g, url) })
			t.Run("running", func(t *testing.T) { compareRunning(t, g, url) })
			t.Run("panicked", func(t *testing.T) { comparePanicked(t, g, url) })
		})
	}
}

// compareSystem compares all that does not change from moment to moment.
func compareSystem(t *testing.T, s *truth.Snapshot, url string, panicked bool) {
	t.Helper()
	compareIdentity(t, s, record(t, url, "identify"), panicked)
	compareModules(t, s, rows(t, url, "modules"))
	compareMounts(t, s, rows(t, url, "mounts"))
}

// attempts bounds how often a guest is stopped. Kernel threads run on between
// its look at each of them and the moment when it stands still, so that now and
// then one of them is seen in two states; what is wrong stays wrong.
const attempts = 10

// comparePaused stops the guest right after its own snapshot and requires that
// every column of every row is equal: at once, or for the few that changed in
// between the next time. None may differ each time.
func comparePaused(t *testing.T, g *lab.Guest, url string) {
	var disputed map[int]string
	for try := 1; ; try++ {
		s, diffs := comparePausedTasks(t, g, url)
		if disputed == nil {
			disputed = diffs
		}
		maps.DeleteFunc(disputed, func(pid int, _ string) bool { return diffs[pid] == "" })
		if len(disputed) == 0 {
			compareSystem(t, s, url, false)
			t.Run("bad network", func(t *testing.T) { compareLossy(t, g, url) })
		}
		resume(t, g)
		switch {
		case len(diffs) > maxDiffs:
			t.Fatalf("%d tasks differ at once (-guest +ours):\n%v", len(diffs), diffs)
		case len(disputed) == 0:
			return
		case try == attempts:
			t.Fatalf("tasks (-guest +ours):\n%v", disputed)
		}
	}
}

// maxDiffs is how many kernel threads may be seen in two states at once.
const maxDiffs = 10

func comparePausedTasks(t *testing.T, g *lab.Guest, url string) (*truth.Snapshot, map[int]string) {
	t.Helper()
	s := snapshot(t, g, lab.Freeze)
	boot := record(t, url, "identify").time(t, "boot_time")
	diffs := diffTasks(t, s, s.Processes(), rows(t, url, "ps"), boot)
	maps.Copy(diffs, diffTasks(t, s, s.Tasks, rows(t, url, "ps", "--threads"), boot))
	for pid, diff := range diffs {
		if i := slices.IndexFunc(s.Tasks, func(task truth.Task) bool { return task.TID == pid }); i < 0 || !s.Tasks[i].KernelThread() {
			t.Errorf("pid %d, no kernel thread (-guest +ours):\n%s", pid, diff)
		}
	}
	return s, diffs
}

func resume(t *testing.T, g *lab.Guest) {
	t.Helper()
	if err := g.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// compareLossy requires the same rows over a network that loses, repeats and
// reorders, from a guest that stands still.
func compareLossy(t *testing.T, g *lab.Guest, url string) {
	bad := serve(t, g, adapter.Options{Loss: 0.02, Duplicate: 0.02, Reorder: 0.02, Seed: 1})
	for _, table := range []string{"ps", "modules", "mounts"} {
		start := time.Now()
		want := rows(t, url, table)
		clean := time.Since(start)
		start = time.Now()
		got := rows(t, bad, table)
		t.Logf("%s: %.1f times as long as over a clean network", table, float64(time.Since(start))/float64(clean))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s over a bad network (-clean +bad):\n%s", table, diff)
		}
	}
}

// compareRunning brackets our list by two of the guest's: a process that was
// there all the time must be in it, and one that is in it must have been there
// at one of the times.
func compareRunning(t *testing.T, g *lab.Guest, url string) {
	before := snapshot(t, g, lab.Continue)
	boot := record(t, url, "identify").time(t, "boot_time")
	ours := rows(t, url, "ps")
	after := snapshot(t, g, lab.Continue)
	first, last := byPID(before), byPID(after)
	got := make(map[int]taskRow)
	for _, r := range ours {
		task := ourTask(t, r, boot)
		got[task.PID] = task
		if _, ok := first[task.PID]; !ok {
			if _, ok := last[task.PID]; !ok {
				t.Errorf("pid %d, %q, was there neither before nor after", task.PID, task.Name)
			}
		}
	}
	compared := 0
	for pid, want := range first {
		if last[pid] != want || pid == before.Collector {
			continue // it changed while we looked
		}
		compared++
		if diff := cmp.Diff(want, got[pid], withoutMoment); diff != "" {
			t.Errorf("pid %d (-guest +ours):\n%s", pid, diff)
		}
	}
	if compared < minimum {
		t.Errorf("only %d rows to compare", compared)
	}
}

// byPID lists processes.
func byPID(s *truth.Snapshot) map[int]taskRow {
	tasks := make(map[int]taskRow)
	for _, p := range s.Processes() {
		tasks[p.TID] = truthTask(&p)
	}
	return tasks
}

// comparePanicked has the guest look at itself and panic at once.
func comparePanicked(t *testing.T, g *lab.Guest, url string) {
	s := snapshot(t, g, lab.Crash)
	compareSystem(t, s, url, true)
	boot := record(t, url, "identify").time(t, "boot_time")
	for _, list := range []struct {
		want []truth.Task
		got  []row
	}{{s.Processes(), rows(t, url, "ps")}, {s.Tasks, rows(t, url, "ps", "--threads")}} {
		for pid, diff := range diffTasks(t, s, list.want, list.got, boot, withoutKernelMoment) {
			t.Errorf("pid %d (-guest +ours):\n%s", pid, diff)
		}
	}
}

func compareIdentity(t *testing.T, s *truth.Snapshot, id row, panicked bool) {
	t.Helper()
	var ram []string
	for _, r := range s.SystemRAM() {
		ram = append(ram, r.String())
	}
	if diff := cmp.Diff(ram, id.list("ram")); diff != "" {
		t.Errorf("RAM (-guest +ours):\n%s", diff)
	}
	type identity struct {
		Release, Version, Hostname, Arch string
		Panicked, BTF                    bool
		CPUs                             int
		Boot                             int64
	}
	want := identity{s.Release, s.Version, s.Hostname, s.Machine, panicked, true, 2, s.BootTime.Unix()}
	if panicked { // a panic takes the other processors off line
		want.CPUs = 1
	}
	got := identity{
		id.text("release"), id.text("version"), id.text("hostname"), id.text("arch"),
		id["panicked"] == true, id["btf"] == true, id.number("cpus"), id.time(t, "boot_time").Unix(),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("identity (-guest +ours):\n%s", diff)
	}
	compareText(t, s, id)
}

// compareText holds where the kernel was found against the guest's iomem.
func compareText(t *testing.T, s *truth.Snapshot, id row) {
	t.Helper()
	i := slices.IndexFunc(s.Resources, func(r truth.Resource) bool { return r.Name == "Kernel code" })
	if i < 0 {
		t.Fatal("the guest shows no kernel code")
	}
	if got := id.text("text_phys"); got != s.Resources[i].Start.String() {
		t.Errorf("the kernel lies at %s, ours says %s", s.Resources[i].Start, got)
	}
	if !strings.HasPrefix(id.text("banner"), "Linux version "+s.Release+" (") || !strings.HasSuffix(id.text("banner"), s.Version) {
		t.Errorf("banner %q of release %s, version %s", id.text("banner"), s.Release, s.Version)
	}
}
