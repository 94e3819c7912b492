package nettlp

import "context"

// Link carries datagrams between a [Client] and a card. That of [Dial] is UDP;
// [New] takes any other, such as a model of a card.
type Link interface {
	// Listen has everything that comes handed to r, from now on until
	// Close. It is called once, before anything is sent.
	Listen(r Receiver)

	// Send sends a datagram from and to the port of a tag. It neither
	// blocks nor keeps the datagram, and does not call the Receiver.
	Send(tag uint8, datagram []byte) error

	// Register asks the card for a register of its own configuration
	// space, in which the target's memory has no part. Without an answer,
	// the error wraps transport.ErrNoLink; if ctx ended, its error.
	Register(ctx context.Context, number uint16) (uint32, error)

	// Close closes the link. When it returns, the Receiver is not called
	// any more.
	Close() error
}

// Receiver takes what comes over a Link. Its methods may be called by several
// goroutines at once.
type Receiver interface {
	// Receive takes datagrams of size bytes each, the last one perhaps
	// shorter, that came from the card to the port of a tag. It does not
	// keep them.
	Receive(tag uint8, datagrams []byte, size int)

	// Refused takes note that the far end's host rejected what was sent to
	// the port of a tag.
	Refused(tag uint8)
}
