package dump

import (
	"errors"
	"fmt"
)

var (
	// ErrBadOptions means that what is asked for cannot be done.
	ErrBadOptions = errors.New("cannot dump this")
	// ErrExists means that a file that would be written is there already.
	// Nothing is ever overwritten: it may be the only witness.
	ErrExists = errors.New("file exists")
	// ErrNothingToResume means that there is no incomplete dump of that
	// name.
	ErrNothingToResume = errors.New("no dump to resume")
	// ErrOtherDump means that the incomplete dump is one of something else:
	// of other memory, or in another format.
	ErrOtherDump = errors.New("incomplete dump is a different one")
	// ErrOtherBoot means that it is one of another machine, or of another
	// boot of the same.
	ErrOtherBoot = errors.New("incomplete dump is of another boot or machine")
	// ErrBadJournal means that the journal of an incomplete dump is
	// damaged, or that the dump is shorter than it says.
	ErrBadJournal = errors.New("journal of the incomplete dump is damaged")
)

// IncompleteError is returned when a dump ended early and can be resumed.
type IncompleteError struct {
	// Done and Total are bytes of memory.
	Done, Total uint64
	// Err is why it ended.
	Err error
}

// Error implements error.
func (e *IncompleteError) Error() string {
	return fmt.Sprintf("dump is incomplete, %d of %d bytes: %v", e.Done, e.Total, e.Err)
}

// Unwrap returns why the dump ended.
func (e *IncompleteError) Unwrap() error { return e.Err }
