//go:build bench

package bench

import (
	"runtime"
	"testing"
	"time"

	"github.com/barescope/barescope/internal/kc705"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/nettlp"
)

// coldStart is what it takes from nothing to the first process list.
type coldStart struct {
	machine Machine
	kernel  string
	steps   int
	cost    Cost // on the model
	rodata  int  // bytes of the kernel's read-only data
	wall    time.Duration
	heap    uint64 // bytes that are kept
}

func measureColdStart(t *testing.T, m Machine) coldStart {
	s := snapshot(t, m)
	c := coldStart{machine: m, kernel: s.Kernel}
	inBubble(t, s, func(t *testing.T, ram transport.Memory) {
		start := time.Now()
		mustList(t, mustOpen(t, kc705.Steps{Memory: ram}), s)
		c.steps = int(time.Since(start) / kc705.Step)
	})
	onModel(t, s, 512, func(t *testing.T, client *nettlp.Client) {
		start := time.Now()
		x := mustOpen(t, client)
		defer x.Close()
		mustList(t, x, s)
		c.cost, c.rodata = x.spent(), x.rodata
		c.cost.Time = time.Since(start)
	})
	defer lo.serve(t, s, serveOptions{})()
	c.wall = fastest(coldRounds, func() {
		x := mustOpen(t, lo.dial(t, 0))
		defer x.Close()
		mustList(t, x, s)
	})[0]
	before := heap()
	x := mustOpen(t, lo.dial(t, 0))
	defer x.Close()
	mustList(t, x, s)
	c.heap = heap() - before
	return c
}

const coldRounds = 3

// heap returns how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// measureSteps counts the dependent steps of each walker, on a kernel that was
// walked before.
func measureSteps(t *testing.T, m Machine, names []string) map[string]int {
	steps := make(map[string]int)
	inBubble(t, snapshot(t, m), func(t *testing.T, ram transport.Memory) {
		x := mustOpen(t, kc705.Steps{Memory: ram})
		for _, name := range names {
			for range 2 {
				start := time.Now()
				if _, err := x.walk(t.Context(), name); err != nil {
					t.Fatal(err)
				}
				steps[name] = int(time.Since(start) / kc705.Step)
			}
		}
	})
	return steps
}
