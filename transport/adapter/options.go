package adapter

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/rs/zerolog"

	"github.com/barescope/barescope/transport/tlp"
)

// ErrBadOptions means that Options, or the text of one of them, make no sense.
var ErrBadOptions = errors.New("bad adapter options")

// Options say where an adapter listens, and how well it behaves. The zero
// value of each is a good default unless it says otherwise.
type Options struct {
	// Listen is the address to serve on, 127.0.0.2 by default. Client is
	// the one address that is answered, 127.0.0.1 by default; the card has
	// it compiled in. Both are IPv4, and they differ, since both sides use
	// the same ports.
	Listen, Client netip.Addr

	// MPS is the most data in one completion, in bytes: a power of two from
	// 64 to 4096, 256 by default. A root complex that completes reads line
	// by line, as many do, has 64.
	MPS int
	// ReadCompletionBoundary is 64 (the default) or 128: completions of one
	// read are split at multiples of it only.
	ReadCompletionBoundary int
	// MRRS is the longest read that is answered, in bytes, 512 by default.
	// Longer ones are met with silence and a warning.
	MRRS int
	// Tags is how many tags, hence ports, are served: 1 to 256, 32 by
	// default.
	Tags int

	// Requester is the ID that the card has on the target. With
	// CheckRequester, reads under another ID are not answered: a fabric
	// routes their completions to somebody else.
	Requester      tlp.ID
	CheckRequester bool

	// Holes says what becomes of a read that the memory cannot serve, in
	// part or at all. The default is [UnsupportedRequest].
	Holes Refusal
	// RefuseAll refuses every read, as an IOMMU does that does not let the
	// card in.
	RefuseAll Refusal
	// BusMasterOff clears the bus master bit of the command register, and
	// leaves every read unanswered.
	BusMasterOff bool

	// Latency is how long a read waits before it is carried out. The last
	// millisecond is not slept through but polled, which costs a CPU while
	// reads are waiting: timers cannot be relied on for microseconds.
	Latency time.Duration
	// Loss is the probability from 0 to 1 that a datagram is lost, on its
	// way in or out. Duplicate is that of a completion to be sent twice,
	// Reorder that of it to change places with one of the eight that are
	// sent after it in the same round.
	Loss, Duplicate, Reorder float64
	// Seed makes what is lost, repeated and reordered reproducible: the
	// same datagrams in the same rounds meet the same fate.
	Seed uint64
	// FIFO is the size in bytes of the card's queue of completions, 16384
	// on the real one. The completions of all reads that are found waiting
	// at one time enter it together; the first that does not fit is
	// truncated, the ones behind it are lost. 0 means a queue without end.
	FIFO int
	// Singly sends each completion by itself, as a card does. Otherwise
	// those of one read travel together where the kernel lets them.
	Singly bool

	// Log is told about what the client does wrong.
	Log zerolog.Logger
}

// withDefaults fills in what is zero.
func (o Options) withDefaults() Options {
	if !o.Listen.IsValid() {
		o.Listen = netip.AddrFrom4([4]byte{127, 0, 0, 2})
	}
	if !o.Client.IsValid() {
		o.Client = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	o.MPS = cmp.Or(o.MPS, 256)
	o.ReadCompletionBoundary = cmp.Or(o.ReadCompletionBoundary, 64)
	o.MRRS = cmp.Or(o.MRRS, 512)
	o.Tags = cmp.Or(o.Tags, 32)
	o.Holes = cmp.Or(o.Holes, UnsupportedRequest)
	return o
}

// validate returns an error wrapping ErrBadOptions for what cannot be served.
func (o Options) validate() error {
	rcb, powerOfTwo := o.ReadCompletionBoundary, o.MPS&(o.MPS-1) == 0
	switch {
	case !o.Listen.Is4() || !o.Client.Is4():
		return fmt.Errorf("addresses %s and %s, NetTLP is IPv4 only: %w", o.Listen, o.Client, ErrBadOptions)
	case o.Listen == o.Client:
		return fmt.Errorf("adapter and client both at %s, but they use the same ports: %w", o.Listen, ErrBadOptions)
	case rcb != 64 && rcb != 128:
		return fmt.Errorf("read completion boundary %d, want 64 or 128: %w", rcb, ErrBadOptions)
	case o.MPS < rcb || o.MPS > tlp.MaxRead || !powerOfTwo:
		return fmt.Errorf("MPS %d, want a power of two from %d to %d: %w", o.MPS, rcb, tlp.MaxRead, ErrBadOptions)
	case o.MRRS < 1 || o.MRRS > tlp.MaxRead:
		return fmt.Errorf("MRRS %d, want 1 to %d: %w", o.MRRS, tlp.MaxRead, ErrBadOptions)
	case o.Tags < 1 || o.Tags > tlp.MaxTags:
		return fmt.Errorf("%d tags, want 1 to %d: %w", o.Tags, tlp.MaxTags, ErrBadOptions)
	case o.Holes > Silence || o.RefuseAll > Silence:
		return fmt.Errorf("%s for holes, %s for all: %w", o.Holes, o.RefuseAll, ErrBadOptions)
	case o.Latency < 0 || o.FIFO < 0:
		return fmt.Errorf("latency %s, FIFO of %d bytes: %w", o.Latency, o.FIFO, ErrBadOptions)
	}
	for _, p := range []float64{o.Loss, o.Duplicate, o.Reorder} {
		if !(p >= 0 && p <= 1) { // NaN is neither
			return fmt.Errorf("probability %v, want 0 to 1: %w", p, ErrBadOptions)
		}
	}
	return nil
}

// refuse returns how a read is refused before the memory is asked, and why;
// or None.
func (o *Options) refuse(r tlp.MemoryRead) (Refusal, string) {
	switch {
	case o.BusMasterOff:
		return Silence, "bus mastering is off"
	case o.CheckRequester && r.Requester != o.Requester:
		return Silence, "the requester id is not the card's"
	case r.CrossesPage():
		return Silence, "it crosses a 4 KiB boundary"
	case r.Length > o.MRRS:
		return Silence, "it is longer than MRRS"
	case int(r.Tag) >= o.Tags:
		return Silence, "its tag has no port"
	case o.RefuseAll != None:
		return o.RefuseAll, "every read is refused"
	}
	return None, ""
}
