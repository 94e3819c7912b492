package bench

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/walkers"
)

// maxTasks bounds the baseline's walk.
const maxTasks = 1 << 20

// errTranslation means that the baseline met an address that it cannot
// translate, or that the list has no end.
var errTranslation = errors.New("the baseline cannot follow a pointer")

// TaskOffsets is all that the baseline knows of a kernel: it has the numbers
// from elsewhere, as a program has that was compiled with them.
type TaskOffsets struct {
	// InitTask is where the first task lies.
	InitTask transport.Address
	// InitList is the virtual address of its tasks member.
	InitList oracle.Address
	// PageOffset is where the direct map begins.
	PageOffset oracle.Address
	// Offsets of members of struct task_struct.
	State, PID, Tasks, Comm, Parent, MM uint64
}

// taskOffsets asks an opened kernel.
func taskOffsets(ctx context.Context, k walkers.Kernel) (*TaskOffsets, error) {
	t, err := k.Type(ctx, layout.Struct, "task_struct", "tasks", "comm")
	if err != nil {
		return nil, err
	}
	o := &TaskOffsets{PageOffset: k.Identity().PageOffset}
	state := "__state"
	if !t.Has(state) { // renamed in 5.14
		state = "state"
	}
	for path, at := range map[string]*uint64{
		state: &o.State, "pid": &o.PID, "tasks": &o.Tasks, "comm": &o.Comm, "real_parent": &o.Parent, "mm": &o.MM,
	} {
		f, err := t.Field(path)
		if err != nil {
			return nil, err
		}
		*at = f.Offset
	}
	task, err := k.Symbol(ctx, "init_task")
	if err != nil {
		return nil, err
	}
	o.InitList = task + oracle.Address(o.Tasks)
	translations, err := k.Translate(ctx, []oracle.Address{task})
	if err != nil {
		return nil, err
	}
	o.InitTask = translations[0].Physical
	return o, nil
}

// Process is what the baseline finds out about one.
type Process struct {
	PID    int
	State  uint32
	Comm   string
	Parent oracle.Address
	User   bool // has an address space
}

// Processes walks the list of tasks as libtlp's example does: one task after
// the other, and six reads for each. The errors are those of Read.
func (s *Serial) Processes(o *TaskOffsets) ([]Process, error) {
	var all []Process
	task := o.InitTask
	for range maxTasks {
		p, next, err := s.process(task, o)
		if err != nil {
			return all, err
		}
		all = append(all, p)
		if next == o.InitList {
			return all, nil
		}
		if next < o.PageOffset {
			return all, fmt.Errorf("%s: %w", next, errTranslation)
		}
		task = transport.Address(uint64(next) - uint64(o.PageOffset) - o.Tasks)
	}
	return all, fmt.Errorf("more than %d tasks: %w", maxTasks, errTranslation)
}

// process makes the six reads, and returns what the task's list leads to.
func (s *Serial) process(task transport.Address, o *TaskOffsets) (Process, oracle.Address, error) {
	var state, pid [4]byte
	var comm [16]byte
	var next, parent, mm [8]byte
	for _, r := range []struct {
		offset uint64
		data   []byte
	}{{o.PID, pid[:]}, {o.State, state[:]}, {o.Comm, comm[:]}, {o.Parent, parent[:]}, {o.MM, mm[:]}, {o.Tasks, next[:]}} {
		if err := s.Read(task+transport.Address(r.offset), r.data); err != nil {
			return Process{}, 0, err
		}
	}
	name, _, _ := bytes.Cut(comm[:], []byte{0})
	return Process{
		PID:    int(int32(binary.LittleEndian.Uint32(pid[:]))),
		State:  binary.LittleEndian.Uint32(state[:]),
		Comm:   string(name),
		Parent: oracle.Address(binary.LittleEndian.Uint64(parent[:])),
		User:   mm != [8]byte{},
	}, oracle.Address(binary.LittleEndian.Uint64(next[:])), nil
}
