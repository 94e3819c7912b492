package process

import (
	"context"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// shape is where this kernel keeps what the walker reads.
type shape struct {
	// pids is the array of struct pid of the first pid namespace, by number.
	pids oracle.Address
	// idle is the task of the boot processor's idle loop, in whose tasks
	// member the task list begins and ends.
	idle oracle.Address

	pid     pidShape
	task    taskShape
	signal  signalShape
	cred    credShape
	kthread kthreadShape
	worker  workerShape
}

// pidShape is that of struct pid, of which only what the first namespace and
// single tasks see is read.
type pidShape struct {
	*object.Plan
	number, first object.Member
}

// signalShape is that of struct signal_struct, which a thread group shares.
type signalShape struct {
	*object.Plan
	next, prev object.Member
}

type credShape struct {
	*object.Plan
	uid, euid object.Member
}

func newShape(ctx context.Context, k walkers.Kernel) (*shape, error) {
	s := &shape{}
	if err := s.locate(ctx, k); err != nil {
		return nil, err
	}
	for _, part := range []func(context.Context, walkers.Kernel) error{
		s.pid.init, s.task.init, s.signal.init, s.cred.init, s.kthread.init, s.worker.init,
	} {
		if err := part(ctx, k); err != nil {
			return nil, fmt.Errorf("%w: %w", walkers.ErrUnknownShape, err)
		}
	}
	return s, nil
}

func (s *shape) locate(ctx context.Context, k walkers.Kernel) (err error) {
	if s.idle, err = k.Symbol(ctx, "init_task"); err != nil {
		return err
	}
	if s.pids, err = k.Symbol(ctx, "init_pid_ns"); err != nil {
		return err
	}
	// Before 4.15 pids were in a hash table.
	t, err := k.Type(ctx, layout.Struct, "pid_namespace", "idr.idr_rt")
	if err != nil {
		return fmt.Errorf("%w: %w", walkers.ErrUnknownShape, err)
	}
	array, err := t.Field("idr.idr_rt")
	s.pids += oracle.Address(array.Offset)
	return err
}

// plan looks a structure up and plans to read it at once.
func plan(ctx context.Context, k walkers.Kernel, name string, members ...string) (*object.Plan, error) {
	t, err := k.Type(ctx, layout.Struct, name, members...)
	if err != nil {
		return nil, err
	}
	p := object.NewPlan(t)
	p.AtMost(1)
	return p, nil
}

func (s *pidShape) init(ctx context.Context, k walkers.Kernel) error {
	t, err := pidType(ctx, k)
	if err != nil {
		return err
	}
	s.Plan = object.NewPlan(t)
	s.AtMost(1)
	s.first, s.number = s.Member("first"), s.Member("number")
	return s.Err()
}

// pidType returns struct pid with the two members that are read as if they
// were its own. Element 0 of numbers is that of the first namespace; but the
// array has a flexible length since 6.1, and with it no elements.
func pidType(ctx context.Context, k walkers.Kernel) (*layout.Type, error) {
	pid, err := k.Type(ctx, layout.Struct, "pid", "tasks[0].first", "numbers")
	if err != nil {
		return nil, err
	}
	upid, err := k.Type(ctx, layout.Struct, "upid", "nr")
	if err != nil {
		return nil, err
	}
	var fields [3]layout.Field
	for i, f := range []struct {
		of   *layout.Type
		path string
	}{{pid, "tasks[0].first"}, {pid, "numbers"}, {upid, "nr"}} {
		if fields[i], err = f.of.Field(f.path); err != nil {
			return nil, err
		}
	}
	first, numbers, nr := fields[0], fields[1], fields[2]
	return &layout.Type{Kind: layout.Struct, Name: "pid", Size: max(pid.Size, numbers.Offset+upid.Size), Members: []layout.Member{
		{Name: "first", Type: first.Type, Offset: 8 * first.Offset},
		{Name: "number", Type: nr.Type, Offset: 8 * (numbers.Offset + nr.Offset)},
	}}, nil
}

func (s *signalShape) init(ctx context.Context, k walkers.Kernel) (err error) {
	if s.Plan, err = plan(ctx, k, "signal_struct", "thread_head"); err != nil {
		return err
	}
	s.next, s.prev = s.Member("thread_head.next"), s.Member("thread_head.prev")
	return s.Err()
}

func (s *credShape) init(ctx context.Context, k walkers.Kernel) (err error) {
	if s.Plan, err = plan(ctx, k, "cred"); err != nil {
		return err
	}
	s.uid, s.euid = s.Member("uid.val"), s.Member("euid.val")
	return s.Err()
}
