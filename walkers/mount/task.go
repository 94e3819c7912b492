package mount

import (
	"context"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/container"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// maxPIDs is PID_MAX_LIMIT: no kernel has more tasks.
const maxPIDs = 4 << 20

// unknownShape says that a type, or a member of it, is not what is known.
func unknownShape(err error) error { return fmt.Errorf("%w: %w", walkers.ErrUnknownShape, err) }

// plan returns an empty plan for a structure that has all the members named.
// The error wraps walkers.ErrUnknownShape, or is that of ReadVirtual.
func plan(ctx context.Context, k walkers.Kernel, name string, members ...string) (*object.Plan, error) {
	t, err := k.Type(ctx, layout.Struct, name, members...)
	if isUntold(err) {
		return nil, unknownShape(err)
	}
	if err != nil {
		return nil, err
	}
	return object.NewPlan(t), nil
}

// tasks returns the tasks that the first pid namespace knows, threads
// included, in the order of their pids. Its array of pids is read a level at a
// time, where the list of tasks would cost a batch for each two.
func (s *survey) tasks(ctx context.Context) ([]oracle.Address, error) {
	k := s.k
	pids, err := s.pids(ctx)
	if err != nil {
		return nil, err
	}
	p, err := plan(ctx, k, "pid", "tasks")
	if err != nil {
		return nil, err
	}
	link, err := pidLink(ctx, k)
	if err != nil {
		return nil, err
	}
	first := p.Member("tasks[0].first") // of PIDTYPE_PID: there is one at most
	if err := p.Err(); err != nil {
		return nil, unknownShape(err)
	}
	objects, err := p.Read(ctx, k, pids)
	var found []oracle.Address
	for i := range objects {
		if node := objects[i].Pointer(first); node.IsKernel() {
			found = append(found, node-link)
		}
	}
	return found, err
}

// pids returns the addresses of the struct pids, in the order of their numbers.
func (s *survey) pids(ctx context.Context) ([]oracle.Address, error) {
	k := s.k
	init, err := k.Symbol(ctx, "init_pid_ns")
	if err != nil {
		return nil, fmt.Errorf("find tasks: %w", err)
	}
	t, err := k.Type(ctx, layout.Struct, "pid_namespace", "idr.idr_rt")
	if err != nil {
		return nil, unknownShape(err)
	}
	f, err := t.Field("idr.idr_rt")
	if err != nil {
		return nil, unknownShape(err)
	}
	all, err := container.XArrays(ctx, k, []oracle.Address{init + oracle.Address(f.Offset)}, maxPIDs)
	if err != nil {
		return nil, fmt.Errorf("find tasks: %w", err)
	}
	s.miss(all[0].Doubt)
	addresses := make([]oracle.Address, len(all[0].Entries))
	for i, e := range all[0].Entries {
		addresses[i] = e.Pointer
	}
	return addresses, nil
}

// pidLink returns where a task holds the node that its pid points at.
func pidLink(ctx context.Context, k walkers.Kernel) (oracle.Address, error) {
	t, err := k.Type(ctx, layout.Struct, "task_struct", "nsproxy")
	if err != nil {
		return 0, unknownShape(err)
	}
	path := "pid_links[0]"
	if !t.Has(path) {
		path = "pids[0].node" // before 4.19
	}
	f, err := t.Field(path)
	if err != nil {
		return 0, unknownShape(err)
	}
	return oracle.Address(f.Offset), nil
}
