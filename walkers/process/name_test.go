package process

import (
	"fmt"
	"strings"
	"testing"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/walkers"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

// something stands for a structure that is only tested for being there.
const something oracle.Address = 0xffff888000001000

// nameOf walks a world that has one task, and returns its name and doubts.
func nameOf(t *testing.T, w *world) (name any, doubts any) {
	t.Helper()
	rows := wt.Run(t, w, Walker{}, walkers.Query{})
	if len(rows) != 1 {
		t.Fatalf("%d rows", len(rows))
	}
	return rows[0]["name"], rows[0]["doubt"]
}

func TestNames(t *testing.T) {
	const worker = flagKThread | flagWorker
	long := strings.Repeat("long-", 20)
	tests := []struct {
		name  string
		task  fakeTask
		today string
		old   string // as in a kernel before 4.18; empty for the same
	}{
		{"process", fakeTask{comm: "bash"}, "bash", ""},
		{"process with a worker's flag", fakeTask{comm: "bash", flags: flagWorker}, "bash", ""},
		{"kernel thread", fakeTask{comm: "kswapd0", flags: flagKThread}, "kswapd0", ""},
		{"kernel thread with a long name",
			fakeTask{comm: "rcu_tasks_kthre", fullName: "rcu_tasks_kthread", flags: flagKThread}, "rcu_tasks_kthread", "rcu_tasks_kthre"},
		{"name longer than the buffer of /proc", fakeTask{comm: long[:15], fullName: long, flags: flagKThread}, long[:63], long[:15]},
		{"worker at work", fakeTask{comm: "kworker/0:1", flags: worker,
			worker: wt.Values{"pool": something, "current_work": something, "desc": "events"}}, "kworker/0:1+events", "kworker/0:1"},
		{"worker that worked", fakeTask{comm: "kworker/0:1", flags: worker,
			worker: wt.Values{"pool": something, "desc": "events"}}, "kworker/0:1-events", "kworker/0:1"},
		{"worker that never worked", fakeTask{comm: "kworker/0:1", flags: worker,
			worker: wt.Values{"pool": something}}, "kworker/0:1", ""},
		{"rescuer", fakeTask{comm: "kworker/R-quota", fullName: "kworker/R-quota_events", flags: worker,
			worker: wt.Values{"desc": "events"}}, "kworker/R-quota_events", "kworker/R-quota"},
		{"rescuer at work", fakeTask{comm: "kworker/R-quota", fullName: "kworker/R-quota_events", flags: worker,
			worker: wt.Values{"pool": something, "current_work": something, "desc": "e"}}, "kworker/R-quota_events+e", "kworker/R-quota"},
		{"worker that ends", fakeTask{comm: "kworker/dying", fullName: "kworker/u1024:1000", flags: worker,
			worker: wt.Values{"desc": "events"}}, "kworker/dying", ""},
	}
	for _, test := range tests {
		for _, old := range []bool{false, true} {
			w, f := newWorld(t, old), test.task
			f.pid = 5
			w.populate(&f)
			want := test.today
			if old && test.old != "" {
				want = test.old
			}
			if got, doubts := nameOf(t, w); got != want || doubts != nil {
				t.Errorf("%s, old types %v: %q with doubts %v, want %q", test.name, old, got, doubts, want)
			}
		}
	}
}

// Between 5.17 and 6.9 a kernel thread's whole name is known, but that of a
// worker is not shown.
func TestNamesOfWorkersCutShort(t *testing.T) {
	w := newWorld(t, false)
	w.populate(&fakeTask{pid: 5, comm: "quota_events_un", fullName: "quota_events_unbound", flags: flagKThread | flagWorker, worker: wt.Values{}})
	rows := wt.Run(t, partial{w, "wq_internal_consts"}, Walker{}, walkers.Query{})
	if got := brief(rows); len(got) != 1 || got[0] != "5 quota_events_un" {
		t.Errorf("rows %q", got)
	}
}

func TestDamagedNames(t *testing.T) {
	tests := []struct {
		name   string
		damage func(w *world, f *fakeTask)
		want   string
		doubts any
	}{
		{"worker of another task", func(w *world, f *fakeTask) { w.Set(w.worker, f.workerAddress, "task", something) },
			"kworker/R-quota_events", []walkers.Doubt{walkers.Torn}},
		{"worker cannot be read", func(w *world, f *fakeTask) { w.Fail(f.workerAddress, 32, transport.Timeout) },
			"kworker/R-quota_events", []walkers.Doubt{walkers.Unreadable}},
		{"name cannot be read", func(w *world, f *fakeTask) { w.Fail(f.nameAddress, 16, transport.Timeout) },
			"kworker/R-quota", []walkers.Doubt{walkers.Unreadable}},
		{"no struct kthread", func(w *world, f *fakeTask) { w.Set(w.task, f.address, "worker_private", 0) }, "kworker/R-quota", nil},
		{"struct kthread in user space", func(w *world, f *fakeTask) { w.Set(w.task, f.address, "worker_private", 0x1000) },
			"kworker/R-quota", []walkers.Doubt{walkers.Unreadable}},
	}
	for _, test := range tests {
		w := newWorld(t, false)
		f := &fakeTask{pid: 5, comm: "kworker/R-quota", fullName: "kworker/R-quota_events", flags: flagKThread | flagWorker,
			worker: wt.Values{"pool": something}}
		w.populate(f)
		test.damage(w, f)
		if got, doubts := nameOf(t, w); got != test.want || fmt.Sprint(doubts) != fmt.Sprint(test.doubts) {
			t.Errorf("%s: %q with doubts %v, want %q with %v", test.name, got, doubts, test.want, test.doubts)
		}
	}
}
