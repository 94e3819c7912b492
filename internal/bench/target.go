package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	oracle "github.com/barescope/barescope/oracle/open"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/nettlp"
	"github.com/barescope/barescope/transport/open"
	"github.com/barescope/barescope/walkers"
	"github.com/barescope/barescope/walkers/builtin"
	"github.com/barescope/barescope/walkers/process"
)

// Cost is what something took.
type Cost struct {
	Time time.Duration
	// Batches is the number of calls that were made of the link, each of
	// which waited for the one before; Reads is that of the reads in them,
	// Bytes what they asked for.
	Batches, Reads, Bytes uint64
	// Requests and Completions are the datagrams on the link, if it is one.
	Requests, Completions uint64
}

// Datagrams is the number of datagrams in both directions.
func (c Cost) Datagrams() uint64 { return c.Requests + c.Completions }

// target is a live target as barescope opens it, whose costs are known.
type target struct {
	*open.Target
	kernel *oracle.Kernel
	link   *nettlp.Client // nil if there are no datagrams
	rodata int            // bytes of the kernel's read-only data
}

// witness takes note of how much read-only data a kernel has.
type witness struct {
	oracle.Memory
	rodata *int
}

// Symbols implements oracle.SymbolSource.
func (w witness) Symbols(ctx context.Context, f *oracle.Found) (oracle.Symbols, error) {
	*w.rodata = len(f.Rodata)
	return w.Memory.Symbols(ctx, f)
}

// openTarget opens the kernel behind a link, and takes the link over.
func openTarget(ctx context.Context, link transport.Memory) (*target, error) {
	t := &target{}
	t.link, _ = link.(*nettlp.Client)
	var err error
	if t.Target, err = open.Live(link, "benchmark", open.Options{}); err != nil {
		return nil, err
	}
	t.kernel, err = oracle.Open(ctx, oracle.Options{
		Memory: t.Memory, Fence: t.Guard, Cache: t.Cache, Live: true,
		Symbols: []oracle.SymbolSource{witness{rodata: &t.rodata}},
	})
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

// spent returns what was spent since the target was opened, that included,
// but for the time.
func (t *target) spent() Cost {
	counts := t.Meter.Counts()
	c := Cost{Batches: counts.Batches, Reads: counts.Reads, Bytes: counts.Bytes}
	if t.link != nil {
		stats := t.link.Stats()
		c.Requests, c.Completions = stats.Requests, stats.Completions
	}
	return c
}

// cost carries something out and returns what it took.
func (t *target) cost(do func() error) (Cost, error) {
	before, start := t.spent(), time.Now()
	err := do()
	took, after := time.Since(start), t.spent()
	return Cost{
		Time:     took,
		Batches:  after.Batches - before.Batches,
		Reads:    after.Reads - before.Reads,
		Bytes:    after.Bytes - before.Bytes,
		Requests: after.Requests - before.Requests, Completions: after.Completions - before.Completions,
	}, err
}

// walk fills a table with memory as it is now, and returns its rows.
func (t *target) walk(ctx context.Context, table string) ([]walkers.Row, error) {
	w, ok := builtin.Lookup(table)
	if !ok {
		return nil, fmt.Errorf("there is no table %s", table)
	}
	t.kernel.Refresh()
	var rows []walkers.Row
	err := w.Walk(ctx, t.kernel, walkers.Query{}, func(r walkers.Row) error {
		rows = append(rows, r)
		return nil
	})
	return rows, err
}

// processes lists the numbers of the processes.
func (t *target) processes(ctx context.Context) ([]int, error) {
	rows, err := t.walk(ctx, "processes")
	pids := make([]int, len(rows))
	for i, r := range rows {
		pid, ok := r.Values[process.Walker{}.Table().Index("pid")].(int64)
		if !ok {
			return nil, fmt.Errorf("process %d has no number", i)
		}
		pids[i] = int(pid)
	}
	return pids, err
}
