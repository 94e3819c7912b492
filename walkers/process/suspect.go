package process

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/walkers"
)

// Doubts of a task that one of the kernel's ways to find tasks does not lead
// to.
const (
	// NotInTaskList: the list that begins at init_task lacks a process that
	// another way leads to.
	NotInTaskList walkers.Doubt = "not-in-task-list"
	// NotInPIDTree: no struct pid in the array of pids leads to the task.
	NotInPIDTree walkers.Doubt = "not-in-pid-tree"
	// NotInThreadList: the list of the task's thread group lacks it.
	NotInThreadList walkers.Doubt = "not-in-thread-list"
)

// maxRenewals is how often tasks in doubt are read again. The first time can
// show that what surrounds them was out of date, too.
const maxRenewals = 3

// suspect is a task that is to be a row, or a place in the array of pids that
// should lead to one, with what is wrong about it.
type suspect struct {
	// index is its place in the array of pids and pid the struct pid there;
	// both are 0 for a task that the array does not lead to.
	index uint64
	pid   oracle.Address
	// task is 0 when the struct pid does not say.
	task   oracle.Address
	doubts []walkers.Doubt
}

// add adds a doubt unless there is none, or it is there.
func (s *suspect) add(d walkers.Doubt) {
	if d != "" && !slices.Contains(s.doubts, d) {
		s.doubts = append(s.doubts, d)
	}
}

// suspectKey tells suspects apart. The memory of a task that is gone soon holds
// another, hence the number.
type suspectKey struct {
	number uint64
	task   oracle.Address
}

// settle returns all tasks in the order of their pids. It reads again what is
// in doubt, and leaves only those doubts that stay.
func (c *census) settle(ctx context.Context) ([]suspect, error) {
	var before doubts
	now := c.judge()
	for range maxRenewals {
		current := c.doubts(now)
		if len(current) == 0 || maps.EqualFunc(before, current, slices.Equal) {
			break
		}
		if err := c.renew(ctx, now); err != nil {
			return nil, err
		}
		before, now = current, c.judge()
	}
	now = c.persisting(before, now)
	slices.SortFunc(now, func(a, b suspect) int {
		return cmp.Or(cmp.Compare(c.number(a), c.number(b)), cmp.Compare(a.task, b.task))
	})
	return now, nil
}

// number is the pid of a suspect, as far as it is known.
func (c *census) number(s suspect) uint64 {
	if s.index != 0 {
		return s.index
	}
	return c.tasks.at(s.task).Uint(c.shape.task.pid)
}

// doubts are those of the suspects that have any.
type doubts map[suspectKey][]walkers.Doubt

func (c *census) doubts(all []suspect) doubts {
	d := make(doubts)
	for _, s := range all {
		if len(s.doubts) > 0 {
			d[suspectKey{c.number(s), s.task}] = s.doubts
		}
	}
	return d
}

// persisting returns the suspects of now with those doubts that they had
// before. What is only there because of a doubt goes with it: a task that
// the array of pids does not lead to, a place in it that leads to no task.
func (c *census) persisting(before doubts, now []suspect) []suspect {
	var stay []suspect
	for _, s := range now {
		known := before[suspectKey{c.number(s), s.task}]
		s.doubts = slices.DeleteFunc(slices.Clone(s.doubts), func(d walkers.Doubt) bool { return !slices.Contains(known, d) })
		if len(s.doubts) > 0 || s.index != 0 && s.task != 0 {
			stay = append(stay, s)
		}
	}
	return stay
}
