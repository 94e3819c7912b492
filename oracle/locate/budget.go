package locate

import (
	"context"
	"errors"
	"fmt"

	"github.com/barescope/barescope/transport"
)

// maxProofs bounds how many bytes are read behind all candidates of one
// search. A kernel costs its read-only data; a page that merely looks like a
// table costs some tables, and there may be any number of them.
const maxProofs = 512 << 20

// errSpent means that what may be read behind candidates is used up.
var errSpent = errors.New("too many page tables that lead to no kernel")

// budget reads no more than so many bytes of a Memory.
type budget struct {
	memory transport.Memory
	left   uint64
}

// ReadPhysical implements [transport.Memory]. The error wraps errSpent, or is
// that of the memory behind.
func (b *budget) ReadPhysical(ctx context.Context, reads []transport.Read) error {
	var n uint64
	for i := range reads {
		reads[i].Outcome = transport.NotRead
		n += uint64(len(reads[i].Data))
	}
	if n > b.left {
		return fmt.Errorf("%w: %s were read behind them", errSpent, mebibytes(maxProofs-b.left))
	}
	b.left -= n
	return b.memory.ReadPhysical(ctx, reads)
}
