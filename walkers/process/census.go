package process

import (
	"context"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/container"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/walkers"
)

// maxFrontiers bounds the steps in which tasks are found that the array of
// pids does not lead to. Hidden tasks that are neighbours in a list take one
// for every two of them.
const maxFrontiers = 1 << 8

// census is what is known of the target's tasks.
type census struct {
	kernel walkers.Kernel
	shape  *shape

	// array is that of pids.
	array container.Entries

	pids, tasks, signals, creds, kthreads, workers *store
	// parents are tasks that others name as their parent and that nothing
	// else leads to.
	parents *store
	// renewing is set while suspects are read again. By then memory that was
	// known may hold other structures: what a new task leads to is read anew.
	renewing bool
	// serving are the addresses of struct kthread that belong to workers.
	serving map[oracle.Address]bool
}

func newCensus(k walkers.Kernel, s *shape) *census {
	return &census{
		kernel: k, shape: s, serving: make(map[oracle.Address]bool),
		pids: newStore(s.pid.Plan), tasks: newStore(s.task.Plan), parents: newStore(s.task.Plan), signals: newStore(s.signal.Plan),
		creds: newStore(s.cred.Plan), kthreads: newStore(s.kthread.Plan), workers: newStore(s.worker.Plan),
	}
}

// take reads the array of pids, and everything that it leads to.
func (c *census) take(ctx context.Context) error {
	arrays, err := container.XArrays(ctx, c.kernel, []oracle.Address{c.shape.pids}, maxObjects)
	if err != nil {
		return fmt.Errorf("read the array of pids: %w", err)
	}
	c.array = arrays[0]
	for _, e := range c.array.Entries {
		// One without a task, or of another number, is out of date or no
		// task's: there are few.
		if o := c.pids.at(e.Pointer); o.Uint(c.shape.pid.number) != e.Index || o.Pointer(c.shape.pid.first) == 0 {
			c.pids.need(e.Pointer)
		}
	}
	c.tasks.want(c.shape.idle)
	return c.explore(ctx)
}

// explore reads what is wanted, and what that leads to, until there is no
// more: all that a step can ask for in one batch.
func (c *census) explore(ctx context.Context) error {
	for range maxFrontiers {
		b := object.NewBatch()
		pids, tasks, signals, kthreads := c.pids.load(b), c.tasks.load(b), c.signals.load(b), c.kthreads.load(b)
		c.parents.load(b)
		c.creds.load(b)
		c.workers.load(b)
		if b.Len() == 0 {
			return nil
		}
		if err := b.Read(ctx, c.kernel); err != nil {
			return fmt.Errorf("read tasks: %w", err)
		}
		c.followPIDs(pids)
		c.followTasks(tasks)
		c.followSignals(signals)
		c.followKThreads(kthreads)
	}
	return nil
}

func (c *census) followPIDs(pids []object.Object) {
	for i := range pids {
		task := owner(pids[i].Pointer(c.shape.pid.first), c.shape.task.linkOffset)
		if c.tasks.at(task).Uint(c.shape.task.pid) != pids[i].Uint(c.shape.pid.number) {
			c.tasks.need(task)
		}
	}
}

func (c *census) followTasks(tasks []object.Object) {
	s := &c.shape.task
	for i := range tasks {
		o := &tasks[i]
		if o.Address == c.shape.idle {
			c.neighbours(o, c.tasks.want)
			continue
		}
		if !s.isTask(o) {
			continue
		}
		c.neighbours(o, c.tasks.want)
		if c.renewing && c.isOther(o) {
			c.signals.renew(o.Pointer(s.signal))
			c.creds.renew(o.Pointer(s.cred))
			c.kthreads.renew(o.Pointer(s.kthread))
		}
		c.signals.want(o.Pointer(s.signal))
		c.creds.want(o.Pointer(s.cred))
		c.followKThread(o)
		if parent := o.Pointer(s.parent); !c.tasks.knows(parent) {
			c.parents.want(parent)
		}
	}
}

// isOther reports whether a task is another than what its memory held before.
func (c *census) isOther(o *object.Object) bool {
	before := c.tasks.before[o.Address]
	return before == nil || before.Uint(c.shape.task.pid) != o.Uint(c.shape.task.pid)
}

func (c *census) followKThread(o *object.Object) {
	s := &c.shape.task
	if o.Uint(s.flags)&flagKThread == 0 {
		return
	}
	k := o.Pointer(s.kthread)
	c.kthreads.want(k)
	if o.Uint(s.flags)&flagWorker != 0 {
		c.serving[k] = true
		c.followWorker(c.kthreads.at(k))
	}
}

// neighbours calls visit with the tasks before and behind a task in the lists
// that it is on.
func (c *census) neighbours(o *object.Object, visit func(oracle.Address)) {
	s := &c.shape.task
	if s.leads(o) || o.Address == c.shape.idle {
		visit(owner(o.Pointer(s.listNext), s.listOffset))
		visit(owner(o.Pointer(s.listPrev), s.listOffset))
	}
	if o.Address == c.shape.idle {
		return
	}
	head := c.threadHead(o.Pointer(s.signal))
	for _, m := range []object.Member{s.threadNext, s.threadPrev} {
		if node := o.Pointer(m); node != head {
			visit(owner(node, s.threadOffset))
		}
	}
}

// owner returns the address of the structure that embeds a node at an offset,
// or 0 if no node can be there.
func owner(node, offset oracle.Address) oracle.Address {
	if !plausible(node) {
		return 0
	}
	return node - offset
}

// threadHead returns the address of the list_head of a thread group.
func (c *census) threadHead(signal oracle.Address) oracle.Address {
	return signal + oracle.Address(c.shape.signal.Field(c.shape.signal.next).Offset)
}

func (c *census) followSignals(signals []object.Object) {
	s := &c.shape.signal
	for i := range signals {
		o := &signals[i]
		for _, m := range []object.Member{s.next, s.prev} {
			if node := o.Pointer(m); node != c.threadHead(o.Address) {
				c.tasks.want(owner(node, c.shape.task.threadOffset))
			}
		}
	}
}

func (c *census) followKThreads(kthreads []object.Object) {
	for i := range kthreads {
		c.followWorker(&kthreads[i])
	}
}

// followWorker asks for the struct worker of a worker's struct kthread.
func (c *census) followWorker(o *object.Object) {
	if c.serving[o.Address] {
		c.workers.want(o.Pointer(c.shape.kthread.data))
	}
}

// renew reads the array of pids again, what it newly leads to, and the
// suspects that have doubts with what surrounds them: from the target itself.
func (c *census) renew(ctx context.Context, suspects []suspect) error {
	c.renewing = true
	for _, s := range suspects {
		if len(s.doubts) == 0 {
			continue
		}
		o := c.tasks.at(s.task)
		c.pids.renew(s.pid)
		c.tasks.renew(s.task)
		c.signals.renew(o.Pointer(c.shape.task.signal))
		c.neighbours(o, c.tasks.renew)
	}
	c.tasks.renew(c.shape.idle)
	return c.take(transport.Fresh(ctx))
}
