package bench

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/internal/kc705"
	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/transport"
)

// A made-up kernel: tasks of 4 KiB from physical 1 MiB on, in a circle.
const (
	firstTask = 0x100000
	direct    = 0xffff_8880_0000_0000
)

var madeUp = TaskOffsets{
	InitTask: firstTask, InitList: 0xffff_ffff_8200_0400, PageOffset: direct,
	State: 0x18, PID: 0x4f8, Tasks: 0x400, Comm: 0x6a0, Parent: 0x508, MM: 0x450,
}

// taskMemory holds tasks, whose numbers are their positions.
type taskMemory []byte

func newTaskMemory(tasks int) taskMemory {
	m := make(taskMemory, firstTask+tasks<<12)
	for i := range tasks {
		task := m[firstTask+i<<12:]
		next := uint64(madeUp.InitList)
		if i+1 < tasks {
			next = direct + firstTask + uint64(i+1)<<12 + madeUp.Tasks
		}
		binary.LittleEndian.PutUint64(task[madeUp.Tasks:], next)
		binary.LittleEndian.PutUint32(task[madeUp.PID:], uint32(i))
		binary.LittleEndian.PutUint32(task[madeUp.State:], 1)
		binary.LittleEndian.PutUint64(task[madeUp.Parent:], direct+firstTask)
		copy(task[madeUp.Comm:], fmt.Sprintf("task %d", i))
	}
	return m
}

// ReadPhysical implements transport.Memory.
func (m taskMemory) ReadPhysical(_ context.Context, reads []transport.Read) error {
	for i := range reads {
		r := &reads[i]
		r.Outcome = transport.Absent
		if r.Range().End() <= transport.Address(len(m)) {
			copy(r.Data, m[r.Address:])
			r.Outcome = transport.Success
		}
	}
	return nil
}

// TestBaselineOnTheModel lists processes and makes the same requests again: it
// loses nothing against that, and makes six reads a task.
func TestBaselineOnTheModel(t *testing.T) {
	const tasks = 50
	synctest.Test(t, func(t *testing.T) {
		card := kc705.New(newTaskMemory(tasks), kc705.Options{Seed: 1})
		defer card.Close()
		talk := &transcript{link: newModelLink(card, 1)}
		start := time.Now()
		got, err := NewSerial(talk, 0x1b00, 0).Processes(&madeUp)
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(start)
		want := Process{PID: 49, State: 1, Comm: "task 49", Parent: direct + firstTask}
		if diff := cmp.Diff(want, got[len(got)-1]); diff != "" || len(got) != tasks {
			t.Errorf("%d processes, the last one (-want +got):\n%s", len(got), diff)
		}
		if n := card.Stats().Requests; n != 6*tasks {
			t.Errorf("%d reads for %d tasks", n, tasks)
		}
		start = time.Now()
		if err := talk.repeat(0); err != nil {
			t.Fatal(err)
		}
		if floor := time.Since(start); float64(floor) < 0.9*float64(took) || took < 6*tasks*11*time.Microsecond {
			t.Errorf("took %s, the same datagrams alone %s", took, floor)
		}
	})
}

func TestBaselineEndsOnNonsense(t *testing.T) {
	for _, tt := range []struct {
		name string
		next oracle.Address
		want error
	}{
		{"a pointer to nowhere", 0x1234, errTranslation},
		{"outside of memory", direct + 1<<40, ErrSerial},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newTaskMemory(3)
				binary.LittleEndian.PutUint64(m[firstTask+2<<12+madeUp.Tasks:], uint64(tt.next))
				card := kc705.New(m, kc705.Options{})
				defer card.Close()
				got, err := NewSerial(newModelLink(card, 1), 0x1b00, 0).Processes(&madeUp)
				if !errors.Is(err, tt.want) || len(got) > 3 {
					t.Errorf("%d processes, %v", len(got), err)
				}
			})
		})
	}
}
