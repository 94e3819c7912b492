package process

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/walkers"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

var withThreads = walkers.Query{Arguments: []string{Threads}}

// brief returns "pid name doubts" of each row.
func brief(rows []map[string]any) []string {
	var all []string
	for _, r := range rows {
		line := fmt.Sprintf("%v %v", r["pid"], r["name"])
		if d, ok := r["doubt"]; ok {
			line += fmt.Sprintf(" %v", d)
		}
		all = append(all, line)
	}
	return all
}

func TestRows(t *testing.T) {
	for _, old := range []bool{false, true} {
		w := newWorld(t, old)
		w.populate(few()...)
		want := []map[string]any{
			{"pid": int64(1), "tgid": int64(1), "ppid": int64(0), "uid": int64(0), "euid": int64(0), "state": "S",
				"comm": "init", "name": "init", "kthread": false},
			{"pid": int64(2), "tgid": int64(2), "ppid": int64(0), "uid": int64(0), "euid": int64(0), "state": "S",
				"comm": "kthreadd", "name": "kthreadd", "kthread": true},
			{"pid": int64(70), "tgid": int64(70), "ppid": int64(1), "uid": int64(1000), "euid": int64(1001), "state": "S",
				"comm": "user", "name": "user", "kthread": false},
			{"pid": int64(71), "tgid": int64(70), "ppid": int64(1), "uid": int64(1000), "euid": int64(1001), "state": "R",
				"comm": "thread", "name": "thread", "kthread": false},
			{"pid": int64(300), "tgid": int64(300), "ppid": int64(70), "uid": int64(0), "euid": int64(0), "state": "D",
				"comm": "child", "name": "child", "kthread": false},
		}
		for i, f := range w.tasks {
			want[i]["address"], want[i]["phys"] = f.address, wt.Physical(f.address)
			want[i]["start_time"] = wt.BootTime.Add(time.Duration(f.start))
		}
		if diff := cmp.Diff(want, wt.Run(t, w, Walker{}, withThreads)); diff != "" {
			t.Errorf("old types %v: threads (-want +got):\n%s", old, diff)
		}
		want = append(want[:3], want[4])
		if diff := cmp.Diff(want, wt.Run(t, w, Walker{}, walkers.Query{})); diff != "" {
			t.Errorf("old types %v: processes (-want +got):\n%s", old, diff)
		}
	}
}

// Names are bytes, and large numbers are no signed ones.
func TestOddValues(t *testing.T) {
	w := newWorld(t, false)
	w.populate(&fakeTask{pid: maxPID - 1, comm: "a b)\x1b[\n\xff", uid: 1<<32 - 1, euid: 1<<32 - 2, exit: 0x20, state: 0x80})
	want := []map[string]any{{"address": w.tasks[0].address, "phys": wt.Physical(w.tasks[0].address), "pid": int64(maxPID - 1),
		"tgid": int64(maxPID - 1), "ppid": int64(0), "uid": int64(1<<32 - 1), "euid": int64(1<<32 - 2), "state": "Z",
		"comm": "a b)\x1b[\n\xff", "name": "a b)\x1b[\n\xff", "kthread": false, "start_time": wt.BootTime}}
	if diff := cmp.Diff(want, wt.Run(t, w, Walker{}, walkers.Query{})); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// What has no task to show is no row, and no doubt about others.
func TestWhatIsNoRow(t *testing.T) {
	w := newWorld(t, false)
	w.populate(append(few(), &fakeTask{pid: 400, comm: "gone", exit: 0x10, unhashed: true})...)
	session := w.Place(w.pid, nil) // leads a session, and nothing else
	w.Words(session+w.Offset(w.pid, "numbers"), 90)
	entries := map[uint64]oracle.Address{90: session}
	for _, f := range w.tasks[:5] {
		entries[uint64(f.pid)] = f.pidAddress
	}
	w.Extensible(w.array, entries)
	if diff := cmp.Diff([]string{"1 init", "2 kthreadd", "70 user", "71 thread", "300 child"},
		brief(wt.Run(t, w, Walker{}, withThreads))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// A walk takes as many steps for many tasks as for few.
func TestSteps(t *testing.T) {
	counts := func(n int) wt.Counts {
		w := newWorld(t, false)
		tasks := few()
		for i := range n {
			tasks = append(tasks, &fakeTask{pid: 1000 + i, parent: 1, comm: "worker", fullName: "worker with a long name",
				flags: flagKThread | flagWorker, worker: wt.Values{"desc": "events"}})
		}
		w.populate(tasks...)
		counter := wt.Count(w)
		if rows := wt.Run(t, counter, Walker{}, walkers.Query{}); len(rows) != n+4 {
			t.Fatalf("%d rows, want %d", len(rows), n+4)
		}
		return counter.Counts()
	}
	small, large := counts(100), counts(1000)
	if small.Batches > 9 || large.Batches != small.Batches || large.Translations != 1 {
		t.Errorf("%+v for 100 tasks, %+v for 1000", small, large)
	}
	// A task takes at most three reads; its pid, signal, cred, kthread,
	// worker and name take one each.
	if each := (large.Reads - small.Reads) / 900; each > 9 {
		t.Errorf("%d reads for each task", each)
	}
}

func TestErrors(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	stop := errors.New("stop")
	tests := []struct {
		name   string
		ctx    context.Context
		damage func(w *world)
		emit   error
		want   error
	}{
		{"cancelled", cancelled, nil, nil, context.Canceled},
		{"emit", t.Context(), nil, stop, stop},
		{"nothing can be read", t.Context(), func(w *world) {
			w.Fail(0, 1<<63, transport.Timeout)
			w.Fail(1<<63, 1<<63-1, transport.Timeout)
		}, nil, oracle.ErrContradiction},
	}
	for _, test := range tests {
		w := newWorld(t, false)
		w.populate(few()...)
		if test.damage != nil {
			test.damage(w)
		}
		err := Walker{}.Walk(test.ctx, w, walkers.Query{}, func(walkers.Row) error { return test.emit })
		if !errors.Is(err, test.want) {
			t.Errorf("%s: error %v, want %v", test.name, err, test.want)
		}
	}
}

// partial is a kernel that does not know one type or symbol.
type partial struct {
	*world
	without string
}

func (p partial) Type(ctx context.Context, kind layout.Kind, name string, members ...string) (*layout.Type, error) {
	if name == p.without {
		return nil, layout.ErrUnknownType
	}
	return p.world.Type(ctx, kind, name, members...)
}

func (p partial) Symbol(ctx context.Context, name string) (oracle.Address, error) {
	if name == p.without {
		return 0, oracle.ErrUnknownSymbol
	}
	return p.world.Symbol(ctx, name)
}

func TestUnknownShapes(t *testing.T) {
	w := newWorld(t, false)
	w.populate(few()...)
	tests := map[string]error{
		"init_task": oracle.ErrUnknownSymbol, "init_pid_ns": oracle.ErrUnknownSymbol,
		"pid_namespace": walkers.ErrUnknownShape, "pid": walkers.ErrUnknownShape, "upid": walkers.ErrUnknownShape,
		"task_struct": walkers.ErrUnknownShape, "signal_struct": walkers.ErrUnknownShape, "cred": walkers.ErrUnknownShape,
		"kthread": walkers.ErrUnknownShape, "worker": walkers.ErrUnknownShape,
	}
	for without, want := range tests {
		err := Walker{}.Walk(t.Context(), partial{w, without}, walkers.Query{}, func(walkers.Row) error { return nil })
		if !errors.Is(err, want) {
			t.Errorf("without %s: error %v, want %v", without, err, want)
		}
	}
}
