package process

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/walkers"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

// link returns where the node of a task in the task list lies.
func (w *world) link(f *fakeTask) oracle.Address {
	return f.address + w.Offset(w.task, "tasks")
}

// What only some of the kernel's ways to find a task lead to.
func TestHidden(t *testing.T) {
	tests := []struct {
		name string
		hide func(w *world)
		want []string
	}{
		{"nothing", func(*world) {}, []string{"1 init", "2 kthreadd", "70 user", "71 thread", "300 child"}},
		{"unlinked from the task list", func(w *world) { w.tasks[2].unlisted = true },
			[]string{"1 init", "2 kthreadd", "70 user [not-in-task-list]", "71 thread", "300 child"}},
		{"the same, keeping its pointers", func(w *world) {
			node := w.link(w.tasks[2])
			w.List(node)
			w.Words(node, w.link(w.tasks[4]), w.link(w.tasks[1]))
			w.tasks[2].unlisted = true
		}, []string{"1 init", "2 kthreadd", "70 user [not-in-task-list]", "71 thread", "300 child"}},
		{"two in a list of their own", func(w *world) {
			w.List(w.link(w.tasks[2]), w.link(w.tasks[4]))
			w.tasks[2].unlisted, w.tasks[4].unlisted = true, true
		}, []string{"1 init", "2 kthreadd", "70 user [not-in-task-list]", "71 thread", "300 child [not-in-task-list]"}},
		{"pid taken away", func(w *world) { w.tasks[4].unhashed = true },
			[]string{"1 init", "2 kthreadd", "70 user", "71 thread", "300 child [not-in-pid-tree]"}},
		{"neighbours' pids taken away", func(w *world) {
			for _, f := range w.tasks[:5] {
				f.unhashed = true
			}
		}, []string{"1 init [not-in-pid-tree]", "2 kthreadd [not-in-pid-tree]", "70 user [not-in-pid-tree]",
			"71 thread [not-in-pid-tree]", "300 child [not-in-pid-tree]"}},
		{"thread unlinked", func(w *world) { w.tasks[3].unthreaded = true },
			[]string{"1 init", "2 kthreadd", "70 user", "71 thread [not-in-thread-list]", "300 child"}},
		{"thread's pid taken away", func(w *world) { w.tasks[3].unhashed = true },
			[]string{"1 init", "2 kthreadd", "70 user", "71 thread [not-in-pid-tree]", "300 child"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, false)
			w.populate(few()...)
			test.hide(w)
			w.relink()
			counter := wt.Count(w)
			if diff := cmp.Diff(test.want, brief(wt.Run(t, counter, Walker{}, withThreads))); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if n := counter.Counts().Batches; n > 12 {
				t.Errorf("took %d steps", n)
			}
		})
	}
}

// What is damaged is said on the rows it concerns, and the walk goes on.
func TestDamage(t *testing.T) {
	tests := []struct {
		name   string
		damage func(w *world)
		want   []string
	}{
		{"struct pid cannot be read", func(w *world) { w.Fail(w.tasks[4].pidAddress, 8*16, transport.Timeout) },
			[]string{"1 init", "2 kthreadd", "70 user", "71 thread", "300 <nil> [unreadable]", "300 child [not-in-pid-tree]"}},
		{"struct pid leads astray", func(w *world) { w.Words(w.tasks[4].pidAddress+16, 0x1234) },
			[]string{"1 init", "2 kthreadd", "70 user", "71 thread", "300 <nil> [corrupt]", "300 child [not-in-pid-tree]"}},
		{"struct pid leads to nowhere", func(w *world) { w.Words(w.tasks[4].pidAddress+16, 0xffffc90000000000) },
			[]string{"1 init", "2 kthreadd", "70 user", "71 thread", "300 child [not-in-pid-tree]", "300 <nil> [unreadable]"}},
		{"task cannot be read", func(w *world) { w.Fail(w.tasks[4].address, w.task.Size, transport.UnsupportedRequest) },
			[]string{"1 init", "2 kthreadd", "70 user [unreadable]", "71 thread", "300 <nil> [unreadable]"}},
		{"task has another number", func(w *world) { w.Set(w.task, w.tasks[4].address, "pid", 301) },
			[]string{"1 init", "2 kthreadd", "70 user", "71 thread", "301 child [corrupt]"}},
		{"struct pid has another number", func(w *world) { w.Words(w.tasks[4].pidAddress+w.Offset(w.pid, "numbers"), 301) },
			[]string{"1 init", "2 kthreadd", "70 user", "71 thread", "300 child [corrupt]"}},
		{"task does not know its struct pid", func(w *world) { w.Set(w.task, w.tasks[4].address, "pid_links[0].pprev", w.idle) },
			[]string{"1 init", "2 kthreadd", "70 user", "71 thread", "300 child [torn]"}},
		{"task list leads back", func(w *world) { w.Set(w.task, w.tasks[2].address, "tasks.next", w.link(w.tasks[0])) },
			[]string{"1 init", "2 kthreadd", "70 user [looped]", "71 thread", "300 child [looped]"}},
		{"task list leads astray", func(w *world) { w.Set(w.task, w.tasks[1].address, "tasks.next", 7) },
			[]string{"1 init", "2 kthreadd [corrupt]", "70 user [corrupt]", "71 thread", "300 child"}},
		{"thread list leads astray", func(w *world) { w.Set(w.task, w.tasks[2].address, "thread_node.next", 7) },
			[]string{"1 init", "2 kthreadd", "70 user [corrupt]", "71 thread [corrupt]", "300 child"}},
		{"signal cannot be read", func(w *world) { w.Fail(w.tasks[4].signal, w.signal.Size, transport.Timeout) },
			[]string{"1 init", "2 kthreadd", "70 user", "71 thread", "300 child [unreadable]"}},
		{"parent leads nowhere", func(w *world) { w.Set(w.task, w.tasks[4].address, "real_parent", 0) },
			[]string{"1 init", "2 kthreadd", "70 user", "71 thread", "300 child [unreadable]"}},
		{"credentials lead nowhere", func(w *world) { w.Set(w.task, w.tasks[4].address, "real_cred", 0) },
			[]string{"1 init", "2 kthreadd", "70 user", "71 thread", "300 child [unreadable]"}},
		{"started before time", func(w *world) { w.Set(w.task, w.tasks[4].address, "start_boottime", -1) },
			[]string{"1 init", "2 kthreadd", "70 user", "71 thread", "300 child [corrupt]"}},
		{"thread of another group", func(w *world) { w.Set(w.task, w.tasks[3].address, "signal", w.tasks[0].signal) },
			[]string{"1 init", "2 kthreadd", "70 user", "71 thread [not-in-thread-list]", "300 child"}},
		{"array of pids cannot be read", func(w *world) { w.Fail(w.array, 16, transport.Timeout) },
			[]string{"1 init [unreadable]", "2 kthreadd [unreadable]", "70 user [unreadable]", "71 thread [unreadable]", "300 child [unreadable]"}},
		{"task list cannot be read", func(w *world) { w.Fail(w.idle, w.task.Size, transport.Timeout) },
			[]string{"1 init [unreadable]", "2 kthreadd", "70 user", "71 thread", "300 child [unreadable]"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, false)
			w.populate(few()...)
			test.damage(w)
			if diff := cmp.Diff(test.want, brief(wt.Run(t, w, Walker{}, withThreads))); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// What changes while it is read is no anomaly once it is read again.
func TestRunningTarget(t *testing.T) {
	all := []string{"1 init", "2 kthreadd", "70 user", "71 thread", "300 child"}
	tests := []struct {
		name string
		// before and after the change, in the middle of the walk
		before, after func(w *world)
		want          []string
	}{
		{"process comes", func(w *world) { w.tasks[4].unhashed, w.tasks[4].unlisted, w.tasks[4].unthreaded = true, true, true },
			func(w *world) { w.tasks[4].unhashed, w.tasks[4].unlisted, w.tasks[4].unthreaded = false, false, false }, all},
		{"process goes", func(*world) {}, func(w *world) {
			w.tasks[4].unhashed, w.tasks[4].unlisted, w.tasks[4].unthreaded = true, true, true
			w.Set(w.task, w.tasks[4].address, "exit_state", 0x10)
		}, all[:4]},
		{"task list is whole again", func(w *world) { w.tasks[2].unlisted = true },
			func(w *world) { w.tasks[2].unlisted = false }, all},
	}
	for _, test := range tests {
		for step := 1; step < 8; step++ {
			w := newWorld(t, false)
			w.populate(few()...)
			test.before(w)
			w.relink()
			w.Before = func(batch int, _ bool) {
				if batch == step {
					test.after(w)
					w.relink()
				}
			}
			got := brief(wt.Run(t, w, Walker{}, withThreads))
			if test.name == "process comes" && len(got) == 4 { // it came when all was read
				got = append(got, all[4])
			}
			if test.name == "process goes" && len(got) == 5 && got[4] == all[4] {
				got = got[:4] // it went when all was read
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s before step %d (-want +got):\n%s", test.name, step, diff)
			}
		}
	}
}

// Memory that held a process holds another a moment later.
func TestReusedMemory(t *testing.T) {
	for step := 1; step < 12; step++ {
		w := newWorld(t, false)
		w.populate(few()...)
		w.Before = func(batch int, _ bool) {
			if f := w.tasks[4]; batch == step {
				f.pid, f.comm, f.uid = 301, "other", 7
				w.putTask(f, w.tasks[0].address)
				w.relink()
			}
		}
		rows := wt.Run(t, w, Walker{}, withThreads)
		last := rows[len(rows)-1]
		got := []any{last["pid"], last["name"], last["uid"], last["ppid"], last["doubt"]}
		before, after := []any{int64(300), "child", int64(0), int64(70), nil}, []any{int64(301), "other", int64(7), int64(1), nil}
		if len(rows) != 5 || !cmp.Equal(got, before) && !cmp.Equal(got, after) {
			t.Errorf("before step %d: %d rows, the last %v", step, len(rows), got)
		}
	}
}

// A list without an end does not keep a walk from ending.
func TestEndlessList(t *testing.T) {
	w := newWorld(t, false)
	w.populate(few()...)
	last := w.tasks[4]
	made := 0
	w.Before = func(int, bool) {
		if made++; made > (maxRenewals+1)*(maxFrontiers+10) {
			t.Fatal("the walk does not end")
		}
		next := &fakeTask{pid: 1000 + made, comm: "fake", unhashed: true, address: w.Reserve(w.task.Size),
			pidAddress: w.Reserve(w.pid.Size + 16), signal: w.Reserve(w.signal.Size)}
		w.putTask(next, w.idle)
		w.hash(next)
		w.Words(w.link(last), w.link(next))
		w.Words(w.link(next)+8, w.link(last))
		last = next
	}
	rows := wt.Run(t, w, Walker{}, walkers.Query{})
	if len(rows) < 4 {
		t.Errorf("%d rows", len(rows))
	}
}
