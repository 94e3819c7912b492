package transport

import "context"

// Memory reads a target's physical memory.
//
// ReadPhysical carries out all reads of a batch, in any order and as far as
// possible at the same time, and sets the Outcome of each. Reads may have any
// alignment and length and may cross pages; an implementation splits them as
// its medium demands. Data of a read whose Outcome is not [Success] is
// undefined.
//
// The returned error says that the batch as a whole could not be carried out:
// the context ended, the link is gone. Reads it did not get to are left at
// [NotRead]. That a single range cannot be read is an Outcome, not an error.
//
// Implementations are safe for use by several goroutines at once.
type Memory interface {
	ReadPhysical(ctx context.Context, reads []Read) error
}

// Read is one range of physical memory that is wanted, and what came of it.
type Read struct {
	// Address of the first byte.
	Address Address
	// Data receives the bytes; its length is the length of the read.
	Data []byte
	// Outcome is set by ReadPhysical.
	Outcome Outcome
}

// Range returns the physical range that the read covers.
func (r *Read) Range() Range {
	return Range{Start: r.Address, Length: uint64(len(r.Data))}
}

// Prober is implemented by a Memory that can tell a dead link from one that
// is up but refuses reads, without touching the target's RAM.
type Prober interface {
	// Probe returns nil when the far end answers, an error wrapping
	// [ErrNoLink] when it does not.
	Probe(ctx context.Context) error
}
