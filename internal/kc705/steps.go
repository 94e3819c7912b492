package kc705

import (
	"context"
	"time"

	"github.com/barescope/barescope/transport"
)

// Step is what a batch takes in a [Steps].
const Step = time.Microsecond

// Steps is a memory with a latency of one [Step] and no other cost: batches of
// any size take it, and as many as there are at a time take it together. The
// time that something takes, in steps, is how many batches had to wait for one
// another.
type Steps struct {
	Memory transport.Memory
}

// ReadPhysical implements transport.Memory. The error is that of the Memory.
func (s Steps) ReadPhysical(ctx context.Context, reads []transport.Read) error {
	time.Sleep(Step)
	return s.Memory.ReadPhysical(ctx, reads)
}
