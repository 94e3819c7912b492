//go:build live

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/internal/lab/truth"
)

// minimum is how many rows a comparison must have been over to mean anything.
const minimum = 50

// asJSON returns a name as JSON has it: bytes that are no UTF-8 as U+FFFD.
func asJSON(name string) string { return string([]rune(name)) }

// taskRow is what can be compared of a task.
type taskRow struct {
	PID, TGID, PPID int
	UID, EUID       int
	State           string
	Name            string
	Kthread         bool
	StartTicks      int64
}

// truthTask is a task as the guest shows it.
func truthTask(t *truth.Task) taskRow {
	return taskRow{
		PID: t.TID, TGID: t.TGID, PPID: t.Stat.PPID, UID: int(t.Users[0]), EUID: int(t.Users[1]),
		State: string(t.Stat.State), Name: asJSON(t.Name), Kthread: t.KernelThread(),
		StartTicks: int64(t.Stat.StartTime),
	}
}

// ourTask is a row of ps. Start times are compared in the unit of /proc.
func ourTask(t *testing.T, r row, boot time.Time) taskRow {
	t.Helper()
	const tick = time.Second / 100
	return taskRow{
		PID: r.number("pid"), TGID: r.number("tgid"), PPID: r.number("ppid"), UID: r.number("uid"), EUID: r.number("euid"),
		State: r.text("state"), Name: r.text("name"), Kthread: r["kthread"] == true,
		StartTicks: int64(r.time(t, "start_time").Sub(boot) / tick),
	}
}

// diffTasks returns how rows differ from the tasks, in any column, by pid: a
// task without a row and a row without a task differ too. The process that took
// the snapshot is left out.
func diffTasks(t *testing.T, s *truth.Snapshot, tasks []truth.Task, ours []row, boot time.Time, o ...cmp.Option) map[int]string {
	t.Helper()
	want, got := make(map[int]taskRow), make(map[int]taskRow)
	for i := range tasks {
		if tasks[i].TGID != s.Collector {
			want[tasks[i].TID] = truthTask(&tasks[i])
		}
	}
	diffs := make(map[int]string)
	for _, r := range ours {
		pid := r.number("pid")
		if r.number("tgid") == s.Collector {
			continue
		}
		if _, twice := got[pid]; twice {
			t.Errorf("pid %d has two rows", pid)
		}
		task := ourTask(t, r, boot)
		checkTask(t, r)
		_, known := want[pid]
		if !known && isNewWorker(task, tasks) {
			continue
		}
		got[pid] = task
		if !known {
			diffs[pid] = fmt.Sprintf("the guest has no pid %d: %v", pid, got[pid])
		}
	}
	if len(want) < minimum {
		t.Errorf("only %d tasks to compare", len(want))
	}
	for pid, task := range want {
		if diff := cmp.Diff(task, got[pid], o...); diff != "" {
			diffs[pid] = diff
		}
	}
	return diffs
}

// isNewWorker reports whether a task is a worker that the kernel started after
// the guest looked at itself and before it stood still: later than all others.
func isNewWorker(r taskRow, tasks []truth.Task) bool {
	return r.Kthread && strings.HasPrefix(r.Name, "kworker/") && !slices.ContainsFunc(tasks, func(t truth.Task) bool {
		return int64(t.Stat.StartTime) > r.StartTicks
	})
}

// withoutKernelMoment compares all but what kernel threads happen to do: some
// run on after the guest has looked at itself and before it stops.
var withoutKernelMoment = cmp.Transformer("withoutKernelMoment", func(r taskRow) taskRow {
	if r.Kthread {
		return steady(r)
	}
	return r
})

// withoutMoment compares what a task is, not what it happens to do: it can wake
// up and sleep again, and a worker take up a job, between two looks.
var withoutMoment = cmp.Transformer("withoutMoment", steady)

func steady(r taskRow) taskRow {
	r.State = ""
	if r.Kthread && strings.HasPrefix(r.Name, "kworker/") {
		if i := strings.IndexAny(r.Name, "-+"); i >= 0 {
			r.Name = r.Name[:i]
		}
	}
	return r
}

// checkTask checks what /proc does not show.
func checkTask(t *testing.T, r row) {
	t.Helper()
	comm, name := r.text("comm"), r.text("name")
	switch {
	case len(r.list("doubt")) > 0:
		t.Errorf("pid %d is doubted: %v", r.number("pid"), r.list("doubt"))
	case r["kthread"] == true && !strings.HasPrefix(name, strings.TrimSuffix(comm, "-")):
		t.Errorf("kernel thread %d is %q, its comm %q", r.number("pid"), name, comm)
	case r["kthread"] == false && comm != name:
		t.Errorf("process %d has comm %q and name %q", r.number("pid"), comm, name)
	case !strings.HasPrefix(r.text("address"), "0xff") || !strings.HasPrefix(r.text("phys"), "0x"):
		t.Errorf("process %d lies at %q, physical %q", r.number("pid"), r.text("address"), r.text("phys"))
	}
}

// moduleRow is what /proc/modules shows of a module.
type moduleRow struct {
	Name, Base, State, Taints string
	Size, RefCount            int
	UsedBy                    []string
}

// compareModules requires that rows are the modules, in their order.
func compareModules(t *testing.T, s *truth.Snapshot, ours []row) {
	t.Helper()
	var want, got []moduleRow
	for _, m := range s.Modules {
		want = append(want, moduleRow{
			Name: m.Name, Base: fmt.Sprintf("%#x", m.Base), State: m.State, Taints: parenthesised(m.Taints),
			Size: int(m.Size), RefCount: m.RefCount, UsedBy: append([]string{}, m.UsedBy...),
		})
	}
	for _, r := range ours {
		got = append(got, moduleRow{
			Name: r.text("name"), Base: r.text("base"), State: r.text("state"), Taints: r.text("taints"),
			Size: r.number("size"), RefCount: r.number("refcount"), UsedBy: r.list("used_by"),
		})
		if len(r.list("doubt")) > 0 {
			t.Errorf("module %s is doubted: %v", r.text("name"), r.list("doubt"))
		}
	}
	if len(want) < 5 {
		t.Errorf("only %d modules to compare", len(want))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("modules (-guest +ours):\n%s", diff)
	}
}

// parenthesised returns taints as /proc/modules prints them.
func parenthesised(letters string) string {
	if letters == "" {
		return ""
	}
	return "(" + letters + ")"
}

// mountRow is a line of mountinfo.
type mountRow struct {
	Parent                                 int
	Device, Root, MountPoint, Options      string
	Propagation, Type, Source, SuperOption string
}

// unreachable marks mounts that the process's root cannot reach, generic ones
// whose file system prints options of its own that are not known.
const (
	unreachable = "unreachable"
	generic     = "generic-options"
)

// compareMounts requires that rows without the mark are the lines of mountinfo
// of every namespace, every column, none missing and none too many.
func compareMounts(t *testing.T, s *truth.Snapshot, ours []row) {
	t.Helper()
	compared := 0
	for _, namespace := range s.Namespaces {
		want, got := make(map[int]mountRow), make(map[int]mountRow)
		inexact := make(map[int]bool)
		for _, r := range ours {
			doubt := r.list("doubt")
			if r.number("namespace") != int(namespace.Inode) || slices.Contains(doubt, unreachable) {
				continue
			}
			id := r.number("mount_id")
			inexact[id] = slices.Contains(doubt, generic)
			got[id] = ourMount(r, inexact[id])
			if len(doubt) > 0 && (!inexact[id] || mustBeExact(s.Release, r.text("fstype"))) {
				t.Errorf("mount %d of type %s is doubted: %v", id, r.text("fstype"), doubt)
			}
		}
		for i := range namespace.Mounts {
			m := &namespace.Mounts[i]
			want[m.ID] = truthMount(m, inexact[m.ID])
			compared++
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("mounts of namespace %d, process %d (-guest +ours):\n%s", namespace.Inode, namespace.PID, diff)
		}
	}
	if len(s.Namespaces) < 2 || compared < minimum {
		t.Errorf("only %d mounts in %d namespaces to compare", compared, len(s.Namespaces))
	}
}

// exactTypes are the file systems whose options must be exact; moduleTypes those
// among them that are modules, which Debian's 5.10 has no types of in memory.
var (
	exactTypes  = []string{"tmpfs", "ramfs", "rootfs", "devtmpfs", "proc", "sysfs", "devpts", "cgroup2"}
	moduleTypes = []string{"overlay", "ext4", "xfs"}
)

// mustBeExact reports whether a release's mounts of a type must not be doubted.
func mustBeExact(release, fstype string) bool {
	withoutTypes := strings.HasPrefix(release, "5.10.")
	return slices.Contains(exactTypes, fstype) || slices.Contains(moduleTypes, fstype) && !withoutTypes
}

func truthMount(m *truth.Mount, inexact bool) mountRow {
	r := mountRow{
		Parent: m.ParentID, Device: m.Device, Root: asJSON(m.Root), MountPoint: asJSON(m.MountPoint), Options: m.Options,
		Propagation: strings.Join(m.Propagation, " "), Type: m.Type, Source: asJSON(m.Source), SuperOption: asJSON(truth.Unescape(m.SuperOptions)),
	}
	if inexact {
		r.SuperOption, _, _ = strings.Cut(r.SuperOption, ",")
	}
	return r
}

func ourMount(r row, inexact bool) mountRow {
	m := mountRow{
		Parent: r.number("parent_id"), Device: r.text("device"), Root: r.text("root"), MountPoint: r.text("mount_point"),
		Options: r.text("options"), Propagation: r.text("propagation"), Type: r.text("fstype"), Source: r.text("source"),
		SuperOption: r.text("super_options"),
	}
	if inexact {
		m.SuperOption, _, _ = strings.Cut(m.SuperOption, ",")
	}
	return m
}
