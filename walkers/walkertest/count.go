package walkertest

import (
	"context"
	"sync"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/walkers"
)

// Counts is what a walk asked of a kernel.
type Counts struct {
	// Batches is the number of calls of ReadVirtual: of dependent steps,
	// when the walker makes one call after the other.
	Batches int
	// Reads and Bytes are what the batches asked for.
	Reads, Bytes int
	// Translations is the number of calls of Translate.
	Translations int
}

// Counter is a kernel that counts what is asked of it.
type Counter struct {
	walkers.Kernel

	mu     sync.Mutex
	counts Counts
}

// Count wraps a kernel in a Counter.
func Count(k walkers.Kernel) *Counter { return &Counter{Kernel: k} }

// Counts returns what was asked so far.
func (c *Counter) Counts() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts
}

// ReadVirtual implements oracle.Memory.
func (c *Counter) ReadVirtual(ctx context.Context, reads []oracle.Read) error {
	c.mu.Lock()
	c.counts.Batches++
	c.counts.Reads += len(reads)
	for _, r := range reads {
		c.counts.Bytes += len(r.Data)
	}
	c.mu.Unlock()
	return c.Kernel.ReadVirtual(ctx, reads)
}

// Translate implements walkers.Kernel.
func (c *Counter) Translate(ctx context.Context, addresses []oracle.Address) ([]oracle.Translation, error) {
	c.mu.Lock()
	c.counts.Translations++
	c.mu.Unlock()
	return c.Kernel.Translate(ctx, addresses)
}
