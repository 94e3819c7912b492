package nettlp

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/rs/zerolog"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/tlp"
)

const (
	// DefaultTags is how many tags are sure to work without extended tags
	// being enabled.
	DefaultTags = 32
	// DefaultMRRS is the maximum read request size that PCI Express
	// devices start with, in bytes.
	DefaultMRRS = 512
	// DefaultTimeout is the longest wait for the answer to one request.
	DefaultTimeout = 500 * time.Millisecond
	// DefaultWindow is how many requested bytes may be in flight. The card
	// has queues of the same size and no backpressure.
	DefaultWindow = 16 << 10
	// DefaultRetries is how often what a request did not bring is asked
	// for again. With two datagrams in a hundred lost, a read of 512 bytes
	// in nine datagrams then fails once in about thirty million.
	DefaultRetries = 5

	maxTimeout = time.Hour
)

// Options say whom to read from and how. Zero values stand for the defaults.
type Options struct {
	// Target is the IPv4 address of the adapter card. It is required.
	Target netip.Addr
	// Local is the IPv4 address to ask from; by default the one that the
	// route to the target has.
	Local netip.Addr
	// Requester is the PCI Express id of the card in the target.
	Requester tlp.ID
	// Tags is the number of tags to use, from 0 on: 1 to 256.
	Tags int
	// MRRS is the maximum read request size in bytes: a power of two from
	// 128 to 4096.
	MRRS int
	// Timeout is the longest wait for the answer to one request. While
	// answers come, the wait follows the time that they take.
	Timeout time.Duration
	// Window bounds the requested bytes in flight. One read is always
	// allowed.
	Window int
	// Retries is how often what a request did not bring is asked for
	// again; negative for never.
	Retries int
	// Log takes what is not worth an error.
	Log zerolog.Logger
}

// complete fills in defaults, but for the addresses. The error wraps
// transport.ErrBadTarget.
func (o *Options) complete() error {
	setDefault(&o.Tags, DefaultTags)
	setDefault(&o.MRRS, DefaultMRRS)
	setDefault(&o.Timeout, DefaultTimeout)
	setDefault(&o.Window, DefaultWindow)
	setDefault(&o.Retries, DefaultRetries)
	o.Retries = max(o.Retries, 0)
	switch {
	case o.Tags < 1 || o.Tags > tlp.MaxTags:
		return fmt.Errorf("%d tags, not 1 to %d: %w", o.Tags, tlp.MaxTags, transport.ErrBadTarget)
	case o.MRRS < 128 || o.MRRS > tlp.MaxRead || o.MRRS&(o.MRRS-1) != 0:
		return fmt.Errorf("maximum read request size %d is not a power of two from 128 to %d: %w", o.MRRS, tlp.MaxRead, transport.ErrBadTarget)
	case o.Timeout < 0 || o.Timeout > maxTimeout:
		return fmt.Errorf("timeout %s is not in 0 to %s: %w", o.Timeout, maxTimeout, transport.ErrBadTarget)
	case o.Window < 0:
		return fmt.Errorf("window of %d bytes is negative: %w", o.Window, transport.ErrBadTarget)
	}
	return nil
}

// locate checks the addresses and fills in Local. The error wraps
// transport.ErrBadTarget, or transport.ErrNoLink if there is no route.
func (o *Options) locate() (err error) {
	o.Target, o.Local = o.Target.Unmap(), o.Local.Unmap()
	switch {
	case !o.Target.Is4():
		return fmt.Errorf("target address %s is not IPv4: %w", o.Target, transport.ErrBadTarget)
	case o.Local.IsValid() && !o.Local.Is4():
		return fmt.Errorf("local address %s is not IPv4: %w", o.Local, transport.ErrBadTarget)
	case !o.Local.IsValid():
		o.Local, err = sourceAddress(o.Target)
	}
	return err
}

func setDefault[T comparable](option *T, value T) {
	var zero T
	if *option == zero {
		*option = value
	}
}
