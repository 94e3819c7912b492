package process

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// names tells what /proc/PID/comm shows.
type names struct {
	*census
	full map[oracle.Address]object.Text
}

// names reads the full names of kernel threads.
func (c *census) names(ctx context.Context) (*names, error) {
	var addresses []oracle.Address
	for _, o := range c.kthreads.objects {
		if a := o.Pointer(c.shape.kthread.fullName); a.IsKernel() {
			addresses = append(addresses, a)
		}
	}
	full, err := object.ReadTexts(ctx, c.kernel, addresses, maxName)
	if err != nil {
		return nil, fmt.Errorf("read the names of kernel threads: %w", err)
	}
	return &names{census: c, full: full}, nil
}

// of returns the name of a task that could be read. It is comm, but that of a
// kernel thread may be longer than comm can hold, and that of a worker goes on
// with what it works on.
func (n *names) of(o *object.Object) (string, walkers.Doubt) {
	t := &n.shape.task
	comm, flags := o.Text(t.comm), o.Uint(t.flags)
	if flags&flagKThread == 0 {
		return comm, ""
	}
	a := o.Pointer(t.kthread)
	if a == 0 { // until 5.17 kthreadd had no struct kthread
		return comm, ""
	}
	k := n.kthreads.at(a)
	if !k.Readable() {
		return comm, walkers.Unreadable
	}
	full, doubt := n.fullName(k, comm)
	if flags&flagWorker == 0 {
		return full, doubt
	}
	name, other := n.worker(o, k, comm, full)
	return name, cmp.Or(doubt, other)
}

// fullName is only there for a kernel thread whose name comm cannot hold. The
// buffer that /proc prints it from cuts it in turn.
func (n *names) fullName(k *object.Object, comm string) (string, walkers.Doubt) {
	a := k.Pointer(n.shape.kthread.fullName)
	if a == 0 {
		return comm, ""
	}
	text, ok := n.full[a]
	if !ok || text.Value == "" && !text.Complete {
		return comm, walkers.Unreadable
	}
	return cut(text.Value), ""
}

// worker returns a worker's name: which it is, and behind a sign what it works
// on (+) or worked on last (-), if it is bound to a pool.
func (n *names) worker(o, k *object.Object, comm, full string) (string, walkers.Doubt) {
	s := &n.shape.worker
	name := comm
	// A worker that is about to end has another comm, but keeps its full
	// name.
	if s.full && strings.HasPrefix(full, comm) {
		name = full
	}
	w := n.workers.at(k.Pointer(n.shape.kthread.data))
	switch {
	case !w.Readable():
		return name, walkers.Unreadable
	case w.Pointer(s.task) != o.Address:
		return name, walkers.Torn
	case !s.suffix || w.Pointer(s.pool) == 0 || w.Text(s.description) == "":
		return name, ""
	case w.Pointer(s.work) != 0:
		return cut(name + "+" + w.Text(s.description)), ""
	}
	return cut(name + "-" + w.Text(s.description)), ""
}

// cut leaves what the buffer holds that /proc prints a name from.
func cut(name string) string { return name[:min(len(name), maxName-1)] }
