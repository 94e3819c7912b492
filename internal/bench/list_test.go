//go:build bench

package bench

import (
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

// Rounds on the loopback interface.
const listRounds = 5

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
	l.onLoopback(t, s, o)
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

// onLoopback times barescope, the baseline, and its datagrams alone.
func (l *listing) onLoopback(t *testing.T, s *Snapshot, o *TaskOffsets) {
	const fast, slow = network(1), network(2)
	stopFast, stopSlow := fast.serve(t, s, serveOptions{}), slow.serve(t, s, serveOptions{})
	defer stopFast()
	defer stopSlow()
	x := mustOpen(t, fast.dial(t, 0))
	defer x.Close()
	socket := slow.socket(t, 0)
	defer socket.Close()
	talk := &transcript{link: socket}
	mustListSerially(t, NewSerial(talk, 0, 0), o, s)
	serial := NewSerial(socket, 0, 0)
	times := fastest(listRounds,
		func() { l.processes = mustList(t, x, s) },
		func() { mustListSerially(t, serial, o, s) },
		func() {
			if err := talk.repeat(0); err != nil {
				t.Fatal(err)
			}
		})
	l.wall, l.baselineWall, l.pingPong = times[0], times[1], times[2]
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
