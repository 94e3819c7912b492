package process

import (
	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/container"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// inquest holds what a census has found against itself.
type inquest struct {
	*census
	// found are the suspects that have a task, broken those that have none.
	found  map[oracle.Address]*suspect
	broken []suspect
	// list is the task list, groups the thread lists by signal_struct.
	list   *ring
	groups map[oracle.Address]*ring
}

// judge returns all tasks that the census has found, in no order, with
// everything that is wrong about them.
func (c *census) judge() []suspect {
	q := &inquest{census: c, found: make(map[oracle.Address]*suspect), groups: make(map[oracle.Address]*ring)}
	for _, e := range c.array.Entries {
		q.fromArray(e)
	}
	tasks, threads := q.nodes()
	q.list = follow(c.shape.idle+c.shape.task.listOffset, tasks)
	for node := range q.list.members {
		q.fromList(node - c.shape.task.listOffset)
	}
	q.followGroups(threads)
	all := q.broken
	for _, s := range q.found {
		q.compare(s)
		all = append(all, *s)
	}
	return all
}

// fromArray takes what is at a place in the array of pids. A struct pid that
// leads to no task is that of a process group or session, or its task exits.
func (q *inquest) fromArray(e container.Entry) {
	o := q.pids.at(e.Pointer)
	s := &suspect{index: e.Index, pid: e.Pointer}
	switch link := o.Pointer(q.shape.pid.first); {
	case !o.Readable():
		s.add(walkers.Unreadable)
		q.broken = append(q.broken, *s)
	case link == 0:
	case !plausible(link):
		s.add(walkers.Corrupt)
		q.broken = append(q.broken, *s)
	default:
		s.task = link - q.shape.task.linkOffset
		q.identify(s, o)
	}
}

// identify holds a task against the struct pid that leads to it. Of two places
// in the array that lead to it, that of its own number counts.
func (q *inquest) identify(s *suspect, pid *object.Object) {
	t, o := &q.shape.task, q.tasks.at(s.task)
	number := o.Uint(t.pid)
	switch {
	case !o.Readable():
		s.add(walkers.Unreadable)
	case number != s.index || pid.Uint(q.shape.pid.number) != s.index:
		s.add(walkers.Corrupt)
	case o.Pointer(t.linkBack) != pid.At(q.shape.pid.first):
		s.add(walkers.Torn)
	}
	if other := q.found[s.task]; other != nil {
		if other.index == number {
			s = other
		}
		s.add(walkers.Corrupt)
	}
	q.found[s.task] = s
}

// fromList takes a task that is on a list: one that the array of pids does not
// lead to, unless it is about to leave the list too.
func (q *inquest) fromList(task oracle.Address) {
	o := q.tasks.at(task)
	if q.found[task] != nil || task == q.shape.idle || !q.shape.task.isTask(o) || q.shape.task.dying(o) {
		return
	}
	s := &suspect{task: task, doubts: []walkers.Doubt{NotInPIDTree}}
	if q.array.Doubt != "" {
		s.doubts[0] = walkers.Doubt(q.array.Doubt)
	}
	q.found[task] = s
}

// nodes returns the nodes of the task list and those of all thread lists.
func (q *inquest) nodes() (tasks, threads map[oracle.Address]links) {
	t, s := &q.shape.task, &q.shape.signal
	tasks, threads = make(map[oracle.Address]links), make(map[oracle.Address]links)
	for a, o := range q.tasks.objects {
		if o != nil && o.Readable() {
			tasks[a+t.listOffset] = links{o.Pointer(t.listNext), o.Pointer(t.listPrev)}
			threads[a+t.threadOffset] = links{o.Pointer(t.threadNext), o.Pointer(t.threadPrev)}
		}
	}
	for a, o := range q.signals.objects {
		if o != nil && o.Readable() {
			threads[q.threadHead(a)] = links{o.Pointer(s.next), o.Pointer(s.prev)}
		}
	}
	return tasks, threads
}

// followGroups follows the thread lists of the groups that the tasks found so
// far belong to. A group that only memory from before a renewal knows is gone.
func (q *inquest) followGroups(threads map[oracle.Address]links) {
	for a := range q.found {
		signal := q.tasks.at(a).Pointer(q.shape.task.signal)
		if q.groups[signal] == nil {
			q.groups[signal] = follow(q.threadHead(signal), threads)
		}
	}
	for _, group := range q.groups {
		for node := range group.members {
			q.fromList(node - q.shape.task.threadOffset)
		}
	}
}

// compare holds a task against the lists that it should be on.
func (q *inquest) compare(s *suspect) {
	t, o := &q.shape.task, q.tasks.at(s.task)
	if !o.Readable() {
		return
	}
	if t.leads(o) {
		node := s.task + t.listOffset
		s.add(q.list.breaks[node])
		s.add(q.list.lacks(node, NotInTaskList))
	}
	signal, node := o.Pointer(t.signal), s.task+t.threadOffset
	group := q.groups[signal]
	switch {
	case signal == 0: // the last thing that an exit takes away
	case group == nil: // on the list of a group that is not its own
		s.add(walkers.Corrupt)
	default:
		s.add(group.breaks[node])
		s.add(group.lacks(node, NotInThreadList))
	}
}
