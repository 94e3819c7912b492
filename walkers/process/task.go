package process

import (
	"context"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// taskReads is how many reads a task takes at most. The members lie in seven
// places: 300 bytes in all, where three reads take 700 to 800.
const taskReads = 3

// maxPID is the kernel's PID_MAX_LIMIT on 64 bits.
const maxPID = 4 << 20

// Bits of task_struct.flags: preprocessor constants, unchanged since 2.6.36.
const (
	flagWorker  = 0x00000020 // PF_WQ_WORKER
	flagKThread = 0x00200000 // PF_KTHREAD
)

// taskShape is that of struct task_struct.
type taskShape struct {
	*object.Plan
	state, exitState, flags   object.Member
	pid, tgid, parent         object.Member
	listNext, listPrev        object.Member
	threadNext, threadPrev    object.Member
	link, linkBack            object.Member
	signal, cred, comm, start object.Member
	kthread                   object.Member
	listOffset, threadOffset  oracle.Address
	linkOffset                oracle.Address
}

func (s *taskShape) init(ctx context.Context, k walkers.Kernel) error {
	t, err := k.Type(ctx, layout.Struct, "task_struct", "tasks", "thread_node", "comm")
	if err != nil {
		return err
	}
	s.Plan = object.NewPlan(t)
	s.AtMost(taskReads)
	s.state = s.FirstOf("__state", "state") // renamed in 5.14
	s.exitState, s.flags = s.Member("exit_state"), s.Member("flags")
	s.pid, s.tgid, s.parent = s.Member("pid"), s.Member("tgid"), s.Member("real_parent")
	s.listNext, s.listPrev = s.Member("tasks.next"), s.Member("tasks.prev")
	s.threadNext, s.threadPrev = s.Member("thread_node.next"), s.Member("thread_node.prev")
	s.link = s.FirstOf("pid_links[0].next", "pids[0].node.next") // struct pid_link is gone since 4.19
	s.linkBack = s.FirstOf("pid_links[0].pprev", "pids[0].node.pprev")
	s.signal, s.cred, s.comm = s.Member("signal"), s.Member("real_cred"), s.Member("comm")
	s.start = s.FirstOf("start_boottime", "real_start_time") // renamed in 5.5
	s.kthread = s.FirstOf("worker_private", "set_child_tid") // of its own since 5.17
	if err := s.Err(); err != nil {
		return err
	}
	s.listOffset = oracle.Address(s.Field(s.listNext).Offset)
	s.threadOffset = oracle.Address(s.Field(s.threadNext).Offset)
	s.linkOffset = oracle.Address(s.Field(s.link).Offset)
	return nil
}

// isTask reports whether what was read can be a task: memory that a stray
// pointer leads to is not followed further.
func (s *taskShape) isTask(o *object.Object) bool {
	pid, tgid := o.Uint(s.pid), o.Uint(s.tgid)
	return o.Readable() && pid > 0 && pid <= maxPID && tgid > 0 && tgid <= maxPID
}

// leads reports whether a task stands for its process, which then is on the
// task list; the pointers of other threads are what they were copied from.
func (s *taskShape) leads(o *object.Object) bool { return o.Uint(s.pid) == o.Uint(s.tgid) }

// dying reports whether the exit of a task is past the point where it is
// taken out of the lists: it has an exit state and hangs on no pid.
func (s *taskShape) dying(o *object.Object) bool {
	return o.Uint(s.exitState) != 0 && !plausible(o.Pointer(s.linkBack))
}
