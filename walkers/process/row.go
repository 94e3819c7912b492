package process

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/walkers"
)

// rows makes rows of tasks.
type rows struct {
	*census
	names    *names
	physical map[oracle.Address]oracle.Translation
}

// rows reads what only rows need.
func (c *census) rows(ctx context.Context, tasks []suspect) (*rows, error) {
	r := &rows{census: c, physical: make(map[oracle.Address]oracle.Translation, len(tasks))}
	var addresses []oracle.Address
	for _, s := range tasks {
		if s.task != 0 {
			addresses = append(addresses, s.task)
		}
	}
	translations, err := c.kernel.Translate(ctx, addresses)
	if err != nil {
		return nil, fmt.Errorf("translate the addresses of tasks: %w", err)
	}
	for _, t := range translations {
		r.physical[t.Virtual] = t
	}
	r.names, err = c.names(ctx)
	return r, err
}

// row returns the row of a task. What is known of a task that leads nowhere is
// the number under which it should be found.
func (r *rows) row(s suspect) walkers.Row {
	o := r.tasks.at(s.task)
	values := make([]any, len(table.Columns))
	set := func(column string, value any) { values[table.Index(column)] = value }
	if s.index != 0 {
		set("pid", int64(s.index))
	}
	if s.task != 0 {
		set("address", s.task)
		if t := r.physical[s.task]; t.Outcome == transport.Success {
			set("phys", t.Physical)
		}
	}
	if !o.Readable() {
		return walkers.Row{Values: values, Doubt: s.doubts}
	}
	t := &r.shape.task
	set("pid", o.Int(t.pid))
	set("tgid", o.Int(t.tgid))
	set("state", stateLetter(o.Uint(t.state), o.Uint(t.exitState)))
	set("comm", o.Text(t.comm))
	set("kthread", o.Uint(t.flags)&flagKThread != 0)
	name, doubt := r.names.of(o)
	set("name", name)
	s.add(doubt)
	r.setParent(&s, o, set)
	r.setUsers(&s, o, set)
	r.setStart(&s, o, set)
	return walkers.Row{Values: values, Doubt: s.doubts}
}

func (r *rows) setParent(s *suspect, o *object.Object, set func(string, any)) {
	t := &r.shape.task
	if o.Pointer(t.parent) == r.shape.idle {
		set("ppid", int64(0))
		return
	}
	parent := r.tasks.at(o.Pointer(t.parent))
	if !parent.Readable() {
		parent = r.parents.at(o.Pointer(t.parent))
	}
	if !parent.Readable() {
		s.add(walkers.Unreadable)
		return
	}
	set("ppid", parent.Int(t.tgid))
}

func (r *rows) setUsers(s *suspect, o *object.Object, set func(string, any)) {
	cred := r.creds.at(o.Pointer(r.shape.task.cred))
	if !cred.Readable() {
		s.add(walkers.Unreadable)
		return
	}
	set("uid", int64(cred.Uint(r.shape.cred.uid)))
	set("euid", int64(cred.Uint(r.shape.cred.euid)))
}

// setStart adds the nanoseconds from boot, suspended time included, to when
// the kernel booted.
func (r *rows) setStart(s *suspect, o *object.Object, set func(string, any)) {
	boot, start := r.kernel.Identity().BootTime, o.Uint(r.shape.task.start)
	switch {
	case start > math.MaxInt64:
		s.add(walkers.Corrupt)
	case !boot.IsZero():
		set("start_time", boot.Add(time.Duration(start)).UTC())
	}
}
