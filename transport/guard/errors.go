package guard

import (
	"fmt"

	"github.com/barescope/barescope/transport"
)

// RefusedError says that the first read of a tier was not answered with
// memory. It wraps [transport.ErrReadsRefused].
type RefusedError struct {
	// Range that was read.
	Range transport.Range
	// Outcome of the read.
	Outcome transport.Outcome
}

// Error says what was read, what came of it and what to do.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("%v: the first read of a new range, %s, ended in %s; nothing more was sent: "+
		"enable bus mastering of the adapter and turn off the IOMMU's translation for it (docs/hardware.md)",
		transport.ErrReadsRefused, e.Range, e.Outcome)
}

// Unwrap returns [transport.ErrReadsRefused].
func (e *RefusedError) Unwrap() error { return transport.ErrReadsRefused }
