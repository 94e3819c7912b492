package object

import (
	"context"
	"slices"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/transport"
)

// Batch gathers reads of several plans, so that they take one round trip.
type Batch struct {
	reads    []oracle.Read
	outcomes []*transport.Outcome
}

// NewBatch returns an empty batch.
func NewBatch() *Batch { return &Batch{} }

// Len returns the number of reads in the batch.
func (b *Batch) Len() int { return len(b.reads) }

// grow makes room for n more reads.
func (b *Batch) grow(n int) {
	b.reads = slices.Grow(b.reads, n)
	b.outcomes = slices.Grow(b.outcomes, n)
}

func (b *Batch) add(address oracle.Address, data []byte, outcome *transport.Outcome) {
	b.reads = append(b.reads, oracle.Read{Address: address, Data: data})
	b.outcomes = append(b.outcomes, outcome)
}

// Read carries out the reads and empties the batch. The error is that of
// ReadVirtual.
func (b *Batch) Read(ctx context.Context, m oracle.Memory) error {
	if len(b.reads) == 0 {
		return ctx.Err()
	}
	err := m.ReadVirtual(ctx, b.reads)
	for i := range b.reads {
		*b.outcomes[i] = b.reads[i].Outcome
	}
	b.reads, b.outcomes = nil, nil
	return err
}
