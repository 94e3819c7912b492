package process

import (
	"context"

	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// maxName is the size of the buffer from which /proc/PID/comm is printed, its
// NUL included.
const maxName = 64

// kthreadShape is that of struct kthread.
type kthreadShape struct {
	*object.Plan
	data, fullName object.Member
}

func (s *kthreadShape) init(ctx context.Context, k walkers.Kernel) (err error) {
	if s.Plan, err = plan(ctx, k, "kthread", "data"); err != nil {
		return err
	}
	s.data = s.Member("data")
	s.fullName = s.Optional("full_name") // since 5.17
	return s.Err()
}

// workerShape is that of struct worker, a workqueue's kernel thread.
type workerShape struct {
	*object.Plan
	task, pool, work, description object.Member
	// suffix: the name that /proc shows says what a worker works on.
	suffix bool
	// full: the name that /proc shows is not cut where comm is.
	full bool
}

func (s *workerShape) init(ctx context.Context, k walkers.Kernel) (err error) {
	if s.Plan, err = plan(ctx, k, "worker", "pool", "desc"); err != nil {
		return err
	}
	s.task, s.pool = s.Member("task"), s.Member("pool")
	s.work, s.description = s.Member("current_work"), s.Member("desc")
	// /proc shows what a worker works on since 4.18; the same series took
	// the pools' own mutex away.
	_, err = k.Type(ctx, layout.Struct, "worker_pool", "attach_mutex")
	s.suffix = err != nil
	// Since 6.10 it shows a worker's whole name; the same commit brought
	// this constant.
	if t, err := k.Type(ctx, layout.Enum, "wq_internal_consts"); err == nil {
		_, s.full = t.Value("WORKER_ID_LEN")
	}
	return s.Err()
}
