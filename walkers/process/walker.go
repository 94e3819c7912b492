package process

import (
	"context"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/walkers"
)

// Threads is the argument that asks for a row for each thread instead of one
// for each process.
const Threads = "threads"

var table = walkers.Table{
	Name:        "processes",
	Description: "Processes and kernel threads, by what leads the kernel to them.",
	Columns: []walkers.Column{
		{Name: "address", Type: walkers.Pointer, Description: "virtual address of the task_struct", Wide: true},
		{Name: "phys", Type: walkers.PhysicalAddress, Description: "physical address of the task_struct", Wide: true},
		{Name: "pid", Type: walkers.Integer, Description: "number of the task in the first pid namespace"},
		{Name: "tgid", Type: walkers.Integer, Description: "number of its process there", Wide: true},
		{Name: "ppid", Type: walkers.Integer, Description: "number of its parent's process there, 0 for none"},
		{Name: "uid", Type: walkers.Integer, Description: "real user id"},
		{Name: "euid", Type: walkers.Integer, Description: "effective user id", Wide: true},
		{Name: "state", Type: walkers.Text, Description: "letter of its state, as ps shows it"},
		{Name: "comm", Type: walkers.Text, Description: "name in the task_struct, at most 15 bytes", Wide: true},
		{Name: "name", Type: walkers.Text, Description: "name that /proc/PID/comm shows"},
		{Name: "kthread", Type: walkers.Boolean, Description: "whether it is a kernel thread", Wide: true},
		{Name: "start_time", Type: walkers.Time, Description: "when it began"},
	},
	Arguments: []walkers.Argument{
		{Name: Threads, Description: "a row for each thread instead of one for each process"},
	},
}

// Walker fills the table "processes". The zero value is ready for use.
type Walker struct{}

var _ walkers.Walker = Walker{}

// Table implements walkers.Walker.
func (Walker) Table() *walkers.Table { return &table }

// Walk implements walkers.Walker. Rows come in the order of pids. Where no
// task can be read at all, the error wraps [oracle.ErrContradiction]: a
// kernel that runs has some.
func (Walker) Walk(ctx context.Context, k walkers.Kernel, q walkers.Query, emit func(walkers.Row) error) error {
	s, err := newShape(ctx, k)
	if err != nil {
		return fmt.Errorf("list processes: %w", err)
	}
	c := newCensus(k, s)
	if err := c.take(ctx); err != nil {
		return fmt.Errorf("list processes: %w", err)
	}
	tasks, err := c.settle(ctx)
	if err != nil {
		return fmt.Errorf("list processes: %w", err)
	}
	if len(tasks) == 0 {
		return fmt.Errorf("list processes: neither the array of pids at %s nor the list at %s leads to a task: %w",
			s.pids, s.idle, oracle.ErrContradiction)
	}
	r, err := c.rows(ctx, tasks)
	if err != nil {
		return fmt.Errorf("list processes: %w", err)
	}
	for _, t := range tasks {
		if o := c.tasks.at(t.task); o.Readable() && !s.task.leads(o) && !q.Has(Threads) {
			continue
		}
		if err := emit(r.row(t)); err != nil {
			return err
		}
	}
	return nil
}
