//go:build bench

package bench

import (
	"slices"
	"testing"
	"time"

	"github.com/barescope/barescope/internal/kc705"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/nettlp"
)

// listing is what a process list takes.
type listing struct {
	machine   Machine
	kernel    string
	processes int
	steps     int
	cost      Cost          // on the model
	large     Cost          // on the model, with an MRRS of 4096
	baseline  time.Duration // on the model
	requests  int           // of the baseline
	// On the loopback interface.
	wall, baselineWall, pingPong time.Duration
}

// Repetitions on the loopback interface, of which the median counts.
const (
	repetitions         = 9
	baselineRepetitions = 3
)

// measureListing lists the processes of a machine, after the kernel was opened
// and they were listed before.
func measureListing(t *testing.T, m Machine) listing {
	s := snapshot(t, m)
	l := listing{machine: m, kernel: s.Kernel}
	inBubble(t, s, func(t *testing.T, ram transport.Memory) {
		x := mustOpen(t, kc705.Steps{Memory: ram})
		mustList(t, x, s)
		start := time.Now()
		mustList(t, x, s)
		l.steps = int(time.Since(start) / kc705.Step)
	})
	var o *TaskOffsets
	l.cost, o = measureModelListing(t, s, 512)
	l.large, _ = measureModelListing(t, s, 4096)
	inBubble(t, s, func(t *testing.T, ram transport.Memory) {
		card := kc705.New(ram, kc705.Options{Seed: 1})
		defer card.Close()
		start := time.Now()
		mustListSerially(t, NewSerial(newModelLink(card, 1), 0, 0), o, s)
		l.baseline, l.requests = time.Since(start), int(card.Stats().Requests)
	})
	onLoopback(t, s, serveOptions{}, func() {
		x := mustOpen(t, mustDial(t, 0))
		defer x.Close()
		l.wall = median(repetitions, func() { l.processes = mustList(t, x, s) })
	})
	onLoopback(t, s, serveOptions{}, func() { l.baselineWall, l.pingPong = measureSerialListing(t, o, s) })
	return l
}

// measureModelListing lists processes with requests of a size, and returns
// what the baseline has to know.
func measureModelListing(t *testing.T, s *Snapshot, mrrs int) (cost Cost, o *TaskOffsets) {
	onModel(t, s, mrrs, func(t *testing.T, c *nettlp.Client) {
		x := mustOpen(t, c)
		defer x.Close()
		mustList(t, x, s)
		cost, _ = x.cost(func() error { mustList(t, x, s); return nil })
		var err error
		if o, err = taskOffsets(t.Context(), x.kernel); err != nil {
			t.Fatal(err)
		}
	})
	return cost, o
}

// measureSerialListing times the baseline on the loopback interface, and the
// same datagrams alone.
func measureSerialListing(t *testing.T, o *TaskOffsets, s *Snapshot) (baseline, floor time.Duration) {
	socket, err := DialSocket(ownAddress, adapterAddress, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	talk := &transcript{link: socket}
	mustListSerially(t, NewSerial(talk, 0, 0), o, s)
	serial := NewSerial(socket, 0, 0)
	baseline = median(baselineRepetitions, func() { mustListSerially(t, serial, o, s) })
	floor = median(baselineRepetitions, func() {
		if err := talk.repeat(0); err != nil {
			t.Fatal(err)
		}
	})
	return baseline, floor
}

// mustListSerially lists processes as the baseline does: the same ones.
func mustListSerially(t *testing.T, serial *Serial, o *TaskOffsets, s *Snapshot) {
	t.Helper()
	processes, err := serial.Processes(o)
	if err != nil {
		t.Fatal(err)
	}
	pids := make([]int, len(processes))
	for i, p := range processes {
		pids[i] = p.PID
	}
	compare(t, s, pids)
}

// median times something as often as said.
func median(repetitions int, do func()) time.Duration {
	times := make([]time.Duration, repetitions)
	for i := range times {
		start := time.Now()
		do()
		times[i] = time.Since(start)
	}
	slices.Sort(times)
	return times[repetitions/2]
}
