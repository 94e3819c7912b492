package adapter

import (
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/tlp"
)

// card is the adapter without its sockets: datagrams go in by receive, and
// what they bring about is in out after answer. It is used by one goroutine;
// only count may be looked at by others.
type card struct {
	options Options
	memory  transport.Memory
	clock   func() time.Duration // since the card was made
	network network
	log     zerolog.Logger
	count   counters
	foreign string // what the first foreign packet was

	waiting  delay
	sequence uint16
	out      outbox

	// What a round works on, kept from one to the next.
	round []answer
	reads []transport.Read
	arena []byte
}

func newCard(memory transport.Memory, o Options, clock func() time.Duration) *card {
	c := &card{
		options: o, memory: memory, clock: clock, log: o.Log,
		round: make([]answer, 0, maxRound),
		reads: make([]transport.Read, 0, maxRound),
		arena: make([]byte, 0, maxRound*tlp.MaxRead),
	}
	c.network = newNetwork(&c.options, &c.count)
	return c
}

// configSocket is the index of the socket of the configuration space. The ones
// before it are those of the tags.
func (c *card) configSocket() int { return c.options.Tags }

// receive takes a datagram that arrived on a socket.
func (c *card) receive(socket int, b []byte) {
	if c.network.loses() {
		return
	}
	var err error
	if socket == c.configSocket() {
		err = c.receiveConfig(b)
	} else {
		err = c.receiveRead(b)
	}
	if err != nil {
		c.reject(socket, err)
	}
}

// receiveRead queues a memory read.
func (c *card) receiveRead(b []byte) error {
	_, packet, err := tlp.DecodeHeader(b)
	if err != nil {
		return err
	}
	read, err := tlp.DecodeMemoryRead(packet)
	if err != nil {
		return err
	}
	c.count.requests.Add(1)
	if !c.waiting.push(request{read: read, due: c.clock() + c.options.Latency}) {
		c.stayedSilent(read, "too many reads are waiting")
	}
	return nil
}

// receiveConfig answers a read of the configuration space.
func (c *card) receiveConfig(b []byte) error {
	register, err := tlp.DecodeConfig(b)
	if err != nil {
		return err
	}
	c.count.config.Add(1)
	register.Value = c.options.register(register.Number)
	start := len(c.out.buf)
	if c.out.buf, err = register.AppendReply(c.out.buf); err != nil {
		return err
	}
	c.out.close(c.configSocket(), start)
	return nil
}

// reject counts a datagram that is no read, and complains about it: loudly if
// it is something else that a target would have acted on.
func (c *card) reject(socket int, err error) {
	var kind tlp.KindError
	if !errors.As(err, &kind) && !errors.Is(err, tlp.ErrNotRead) {
		if n := c.count.malformed.Add(1); notable(n) {
			c.log.Warn().Err(err).Int("socket", socket).Uint64("count", n).Msg("malformed datagram")
		}
		return
	}
	n := c.count.foreign.Add(1)
	if n == 1 {
		c.foreign = err.Error()
	}
	if notable(n) {
		c.log.Error().Err(err).Int("socket", socket).Uint64("count", n).Msg("the client sent something that is not a read")
	}
}

// stayedSilent counts a read that is not answered.
func (c *card) stayedSilent(r tlp.MemoryRead, why string) {
	if n := c.count.silent.Add(1); notable(n) {
		c.log.Warn().Stringer("address", r.Address).Int("length", r.Length).Uint8("tag", r.Tag).
			Stringer("requester", r.Requester).Uint64("count", n).Msg("read not answered: " + why)
	}
}

// notable reports whether the n-th event of a kind is logged: few enough for
// a flood not to fill a disk.
func notable(n uint64) bool { return n&(n-1) == 0 }

// err returns what was wrong with the client, for the end of Run.
func (c *card) err() error {
	if n := c.count.foreign.Load(); n > 0 {
		return fmt.Errorf("%d packets, the first: %s: %w", n, c.foreign, ErrForeignTLP)
	}
	return nil
}
