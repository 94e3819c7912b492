package meter

import (
	"context"
	"maps"
	"sync"

	"github.com/barescope/barescope/transport"
)

// Counts are what went through a [Meter].
type Counts struct {
	// Batches is the number of calls. A caller that makes one call after
	// the other waits for that many round trips.
	Batches uint64
	// Reads is the number of reads, Bytes how many bytes they asked for,
	// Delivered how many came.
	Reads, Bytes, Delivered uint64
	// Failed is the number of reads that did not succeed, by outcome; an
	// outcome that did not occur is not in it.
	Failed map[transport.Outcome]uint64
	// Retries is how many requests the link sent again, as far as it
	// tells; see [Meter.Watch].
	Retries uint64
}

// Sub returns the difference between c and counts taken earlier: the cost of
// what happened in between.
func (c Counts) Sub(earlier Counts) Counts {
	failed := make(map[transport.Outcome]uint64)
	for outcome, n := range c.Failed {
		if d := n - earlier.Failed[outcome]; d != 0 {
			failed[outcome] = d
		}
	}
	return Counts{
		Batches:   c.Batches - earlier.Batches,
		Reads:     c.Reads - earlier.Reads,
		Bytes:     c.Bytes - earlier.Bytes,
		Delivered: c.Delivered - earlier.Delivered,
		Failed:    failed,
		Retries:   c.Retries - earlier.Retries,
	}
}

// Retrier is a link that counts the requests it had to send again.
type Retrier interface {
	Retries() uint64
}

// Meter forwards reads to another Memory and counts them. It implements
// [transport.Memory].
type Meter struct {
	next transport.Memory

	mu     sync.Mutex
	counts Counts
	link   Retrier
}

// New returns a Meter before next.
func New(next transport.Memory) *Meter {
	return &Meter{next: next, counts: Counts{Failed: make(map[transport.Outcome]uint64)}}
}

// Watch names the link whose retries [Meter.Counts] reports: the link need
// not be what lies directly behind the meter.
func (m *Meter) Watch(link Retrier) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.link = link
}

// Counts returns what was counted so far. A batch counts when it has ended.
func (m *Meter) Counts() Counts {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.counts
	c.Failed = maps.Clone(c.Failed)
	if m.link != nil {
		c.Retries = m.link.Retries()
	}
	return c
}

// ReadPhysical implements [transport.Memory]. The error is that of the Memory
// behind.
func (m *Meter) ReadPhysical(ctx context.Context, reads []transport.Read) error {
	err := m.next.ReadPhysical(ctx, reads)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counts.Batches++
	for i := range reads {
		m.count(&reads[i])
	}
	return err
}

func (m *Meter) count(r *transport.Read) {
	m.counts.Reads++
	m.counts.Bytes += uint64(len(r.Data))
	if r.Outcome == transport.Success {
		m.counts.Delivered += uint64(len(r.Data))
	} else {
		m.counts.Failed[r.Outcome]++
	}
}
