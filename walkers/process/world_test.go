package process

import (
	"testing"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

// world is a kernel made by hand, with tasks.
type world struct {
	*wt.Kernel
	old                                      bool
	task, pid, signal, cred, kthread, worker *layout.Type
	idle, array                              oracle.Address
	tasks                                    []*fakeTask
}

// fakeTask is a task of a world. What is not set is as in the kernel.
type fakeTask struct {
	pid, tgid, parent int // tgid 0: the pid
	comm              string
	uid, euid         int
	start             int // nanoseconds after boot
	flags             int
	state, exit       int
	// fullName and worker go into the struct kthread of a kernel thread.
	fullName string
	worker   wt.Values

	// unhashed keeps it out of the array of pids, unlisted out of the task
	// list and unthreaded out of the thread list.
	unhashed, unlisted, unthreaded bool

	address, pidAddress, signal oracle.Address
	nameAddress, workerAddress  oracle.Address
}

func (f *fakeTask) group() int {
	if f.tgid == 0 {
		return f.pid
	}
	return f.tgid
}

// newWorld returns a world without tasks, with the types of a kernel of today
// or with those of a 4.17.
func newWorld(t testing.TB, old bool) *world {
	w := &world{Kernel: wt.New(t), old: old}
	w.defineTypes()
	w.Define(wt.Struct("pid_namespace", wt.Pad(24), wt.Member("idr", wt.Struct("idr", wt.Member("idr_rt", wt.XArray)))))
	w.Define(wt.Struct("upid", wt.Member("nr", wt.Int), wt.Member("ns", wt.Pointer)))
	space := w.Reserve(64)
	w.Label("init_pid_ns", space)
	w.array = space + 24
	w.idle = w.Place(w.task, wt.Values{"comm": "swapper/0"})
	w.Label("init_task", w.idle)
	return w
}

func (w *world) defineTypes() {
	id := wt.Struct("kuid_t", wt.Member("val", wt.Uint))
	w.cred = w.Define(wt.Struct("cred", wt.Pad(8), wt.Member("uid", id), wt.Member("gid", wt.Uint), wt.Member("euid", id)))
	w.signal = w.Define(wt.Struct("signal_struct", wt.Pad(16), wt.Member("thread_head", wt.ListHead)))
	w.worker = w.Define(wt.Struct("worker", wt.Pad(16), wt.Member("current_work", wt.Pointer), wt.Member("task", wt.Pointer),
		wt.Member("pool", wt.Pointer), wt.Member("desc", wt.Array(24, wt.Char))))
	numbers := uint64(0)
	w.kthread = wt.Struct("kthread", wt.Pad(24), wt.Member("data", wt.Pointer), wt.Pad(72), wt.Member("full_name", wt.Pointer))
	if w.old {
		numbers = 1
		w.kthread = wt.Struct("kthread", wt.Pad(24), wt.Member("data", wt.Pointer))
		w.Define(wt.Struct("worker_pool", wt.Member("attach_mutex", wt.Long)))
	} else {
		w.Define(wt.Enum("wq_internal_consts", "NR_STD_WORKER_POOLS", "WORKER_ID_LEN"))
	}
	w.Define(w.kthread)
	w.pid = w.Define(wt.Struct("pid", wt.Pad(16), wt.Member("tasks", wt.Array(4, wt.HListHead)), wt.Pad(48),
		wt.Member("numbers", wt.Array(numbers, wt.Struct("upid", wt.Member("nr", wt.Int), wt.Member("ns", wt.Pointer))))))
	w.task = w.Define(taskType(w.old))
}

// taskType spreads the members as kernels do.
func taskType(old bool) *layout.Type {
	state, start := wt.Member("__state", wt.Uint), wt.Member("start_boottime", wt.Long)
	link, kthread := wt.Member("pid_links", wt.Array(4, wt.HListNode)), wt.Member("worker_private", wt.Pointer)
	if old {
		state, start = wt.Member("state", wt.Long), wt.Member("real_start_time", wt.Long)
		link = wt.Member("pids", wt.Array(3, wt.Struct("pid_link", wt.Member("node", wt.HListNode), wt.Member("pid", wt.Pointer))))
		kthread = wt.Member("vfork_done", wt.Pointer)
	}
	return wt.Struct("task_struct", wt.Pad(24), state, wt.Pad(12), wt.Member("flags", wt.Uint), wt.Pad(2100),
		wt.Member("tasks", wt.ListHead), wt.Pad(100), wt.Member("exit_state", wt.Int), wt.Pad(100),
		wt.Member("pid", wt.Int), wt.Member("tgid", wt.Int), wt.Member("real_parent", wt.Pointer), wt.Pad(64),
		link, wt.Member("thread_node", wt.ListHead), wt.Member("set_child_tid", wt.Pointer), kthread, wt.Pad(120),
		start, wt.Pad(150), wt.Member("real_cred", wt.Pointer), wt.Member("comm", wt.Array(16, wt.Char)), wt.Pad(80),
		wt.Member("signal", wt.Pointer))
}

// names of members that differ between the two sets of types.
func (w *world) member(today string) string {
	if !w.old {
		return today
	}
	return map[string]string{
		"__state": "state", "start_boottime": "real_start_time", "worker_private": "set_child_tid",
		"pid_links[0].next": "pids[0].node.next", "pid_links[0].pprev": "pids[0].node.pprev",
	}[today]
}

// populate makes all tasks and everything that leads to them.
func (w *world) populate(tasks ...*fakeTask) {
	w.tasks = tasks
	byPID := map[int]*fakeTask{}
	for _, f := range tasks {
		f.address, f.pidAddress = w.Reserve(w.task.Size), w.Reserve(w.pid.Size+16)
		byPID[f.pid] = f
		if f.signal = byPID[f.group()].signal; f.signal == 0 {
			f.signal = w.Reserve(w.signal.Size)
		}
	}
	for _, f := range tasks {
		parent := w.idle
		if p := byPID[f.parent]; p != nil {
			parent = p.address
		}
		w.putTask(f, parent)
	}
	w.relink()
}

func (w *world) putTask(f *fakeTask, parent oracle.Address) {
	w.Put(w.task, f.address, wt.Values{
		w.member("__state"): f.state, "exit_state": f.exit, "flags": f.flags, "pid": f.pid, "tgid": f.group(),
		"real_parent": parent, "comm": f.comm, "signal": f.signal, w.member("start_boottime"): f.start,
		"real_cred": w.Place(w.cred, wt.Values{"uid.val": f.uid, "euid.val": f.euid}),
	})
	if f.flags&flagKThread == 0 {
		return
	}
	values := wt.Values{}
	if f.fullName != "" && !w.old {
		f.nameAddress = w.Text(f.fullName)
		values["full_name"] = f.nameAddress
	}
	if f.worker != nil {
		f.workerAddress = w.Place(w.worker, f.worker)
		w.Set(w.worker, f.workerAddress, "task", f.address)
		values["data"] = f.workerAddress
	}
	w.Set(w.task, f.address, w.member("worker_private"), w.Place(w.kthread, values))
}

// relink links the tasks as their fields say.
func (w *world) relink() {
	list, threads := []oracle.Address{}, map[oracle.Address][]oracle.Address{}
	entries := map[uint64]oracle.Address{}
	node, thread := w.Offset(w.task, "tasks"), w.Offset(w.task, "thread_node")
	for _, f := range w.tasks {
		if f.pid == f.group() && !f.unlisted {
			list = append(list, f.address+node)
		}
		if !f.unthreaded {
			threads[f.signal] = append(threads[f.signal], f.address+thread)
		}
		w.hash(f)
		if !f.unhashed {
			entries[uint64(f.pid)] = f.pidAddress
		}
	}
	w.List(w.idle+node, list...)
	for signal, nodes := range threads {
		w.List(signal+w.Offset(w.signal, "thread_head"), nodes...)
	}
	w.Extensible(w.array, entries)
}

// hash makes a struct pid and its task point at each other, or neither.
func (w *world) hash(f *fakeTask) {
	first, link := f.pidAddress+w.Offset(w.pid, "tasks"), f.address+w.Offset(w.task, w.member("pid_links[0].next"))
	w.Words(f.pidAddress+w.Offset(w.pid, "numbers"), oracle.Address(f.pid))
	if f.unhashed {
		w.Words(first, 0)
		w.Words(link, 0, 0xdead000000000122)
		return
	}
	w.Words(first, link)
	w.Words(link, 0, first)
}

// few are the tasks that most tests need.
func few() []*fakeTask {
	return []*fakeTask{
		{pid: 1, comm: "init", state: 1, start: 1e9},
		{pid: 2, comm: "kthreadd", state: 1, flags: flagKThread, start: 1e9},
		{pid: 70, parent: 1, comm: "user", uid: 1000, euid: 1001, state: 1, start: 2e9},
		{pid: 71, tgid: 70, parent: 1, comm: "thread", uid: 1000, euid: 1001, start: 3e9},
		{pid: 300, parent: 70, comm: "child", state: 2, start: 4e9},
	}
}
