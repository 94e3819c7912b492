package tlp

import "errors"

var (
	// ErrShort means that a datagram ends before the packet in it does.
	ErrShort = errors.New("packet is cut short")
	// ErrMalformed means that the fields of a packet contradict each other
	// or the specification.
	ErrMalformed = errors.New("malformed packet")
	// ErrBadRead means that a read cannot be expressed as one request: it
	// is empty, longer than [MaxRead], or crosses a 4 KiB boundary.
	ErrBadRead = errors.New("not a valid memory read")
	// ErrMismatch means that a completion does not answer the request that
	// it was compared with.
	ErrMismatch = errors.New("completion does not answer the request")
	// ErrNotRead means that a request for the configuration space would
	// change it, or is of an unknown kind.
	ErrNotRead = errors.New("not a configuration read")
	// ErrBadID means that a requester id cannot be understood.
	ErrBadID = errors.New("bad PCI Express id")
)

// KindError says that a packet is of a kind that the decoder is not for.
type KindError struct{ Kind Kind }

// Error names the kind with its format and type fields.
func (e KindError) Error() string { return "unexpected packet: " + e.Kind.String() }
