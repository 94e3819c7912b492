package transport

import "errors"

var (
	// ErrNoLink means that nothing answers at the far end of the link.
	ErrNoLink = errors.New("no link to the adapter")
	// ErrReadsRefused means that the far end answers, but no read of the
	// target's memory succeeds: bus mastering is off, or an IOMMU is in
	// the way.
	ErrReadsRefused = errors.New("link is up, but every read is refused")
	// ErrBadTarget means that a target URL, or the file that it names,
	// cannot be understood.
	ErrBadTarget = errors.New("bad target")
)
