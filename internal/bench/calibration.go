package bench

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/barescope/barescope/internal/kc705"
	"github.com/barescope/barescope/transport"
)

// Published is a cell of the table that NetTLP's authors published: how many
// reads of a size a number of threads got in a second, each with one in
// flight. MRRS 512, KC705, 10 gigabit Ethernet.
type Published struct {
	Size, Threads int
	// Rate in reads a second. For 256 and 512 bytes they published bits a
	// second.
	Rate float64
}

// PublishedRates is that table.
var PublishedRates = []Published{
	{16, 1, 81e3}, {16, 4, 324e3}, {16, 8, 648e3}, {16, 16, 1.12e6},
	{256, 1, 166e6 / 2048}, {256, 4, 660e6 / 2048}, {256, 8, 1.33e9 / 2048}, {256, 16, 2.07e9 / 2048},
	{512, 1, 326e6 / 4096}, {512, 4, 1.10e9 / 4096}, {512, 8, 2.04e9 / 4096}, {512, 16, 3.58e9 / 4096},
}

// zeros is a memory of any size that holds zeros.
type zeros struct{}

// ReadPhysical implements transport.Memory.
func (zeros) ReadPhysical(_ context.Context, reads []transport.Read) error {
	for i := range reads {
		clear(reads[i].Data)
		reads[i].Outcome = transport.Success
	}
	return nil
}

// measureModel returns the latencies of reads that a number of baselines make
// at the same time over the model, and how long all of it took. It must be
// called in a bubble of testing/synctest.
func measureModel(size, threads, reads int) ([]time.Duration, time.Duration, error) {
	card := kc705.New(zeros{}, kc705.Options{Seed: 1})
	defer card.Close()
	link := newModelLink(card, threads)
	latencies := make([]time.Duration, threads*reads)
	errs := make([]error, threads)
	var group sync.WaitGroup
	start := time.Now()
	for n := range threads {
		group.Go(func() {
			errs[n] = timeReads(NewSerial(link, 0, uint8(n)), size, latencies[n*reads:(n+1)*reads])
		})
	}
	group.Wait()
	return latencies, time.Since(start), errors.Join(errs...)
}

func timeReads(s *Serial, size int, latencies []time.Duration) error {
	data := make([]byte, size)
	for i := range latencies {
		start := time.Now()
		if err := s.Read(0x1000, data); err != nil {
			return err
		}
		latencies[i] = time.Since(start)
	}
	return nil
}

// percentile returns a value that p percent of the values do not exceed.
func percentile[T cmp.Ordered](values []T, p int) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)*p/100]
}
