package adapter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/tlp"
)

// maxRound is how many reads are carried out together.
const maxRound = tlp.MaxTags

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

// answer is a read that is being carried out. Unless it is refused, its data
// is in the card's reads at index.
type answer struct {
	read    tlp.MemoryRead
	refusal Refusal
	index   int
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

// answer carries out the reads that are due. Afterwards out holds what is to
// be sent, until it is reset. The error says that the memory as a
// whole failed.
func (c *card) answer(ctx context.Context) error {
	c.collect()
	if len(c.reads) > 0 {
		if err := c.memory.ReadPhysical(ctx, c.reads); err != nil {
			return fmt.Errorf("read the memory that is served: %w", err)
		}
	}
	first := len(c.out.queue)
	for _, a := range c.round {
		if err := c.complete(a); err != nil {
			return err
		}
	}
	if c.options.FIFO > 0 {
		c.out.overrun(first, c.options.FIFO, &c.count)
	}
	c.network.pass(&c.out)
	return nil
}

// collect puts what is due into round, and into reads what is not refused.
func (c *card) collect() {
	c.round, c.reads, c.arena = c.round[:0], c.reads[:0], c.arena[:0]
	now := c.clock()
	for len(c.round) < maxRound {
		read, ok := c.waiting.pop(now)
		if !ok {
			return
		}
		a := answer{read: read, index: len(c.reads)}
		var why string
		if a.refusal, why = c.options.refuse(read); a.refusal == Silence {
			c.stayedSilent(read, why)
			continue
		}
		c.round = append(c.round, a)
		if a.refusal != None {
			continue
		}
		start := len(c.arena)
		c.arena = c.arena[:start+read.Length]
		c.reads = append(c.reads, transport.Read{Address: read.Address, Data: c.arena[start:]})
	}
}

// complete appends the completions of one read to out.
func (c *card) complete(a answer) error {
	if a.refusal == None && c.reads[a.index].Outcome != transport.Success {
		a.refusal = c.options.Holes
	}
	stamp := tlp.Ticks(c.clock())
	switch a.refusal {
	case Silence:
		c.stayedSilent(a.read, "its memory cannot be read")
		return nil
	case None:
		return c.deliver(a.read, c.reads[a.index].Data, stamp)
	}
	c.count.refused.Add(1)
	return c.post(failure(a.read, a.refusal.status()), stamp)
}

// deliver appends the completions that carry a read's data to out.
func (c *card) deliver(r tlp.MemoryRead, data []byte, stamp uint32) error {
	c.count.bytes.Add(uint64(len(data)))
	for len(data) > 0 {
		p := piece(r, data, c.options.ReadCompletionBoundary, c.options.MPS)
		if err := c.post(p, stamp); err != nil {
			return err
		}
		data = data[len(p.Data):]
	}
	return nil
}

// post appends a completion to out under the next sequence number.
func (c *card) post(completion tlp.Completion, stamp uint32) error {
	start := len(c.out.buf)
	header := tlp.Header{Sequence: c.sequence, Timestamp: stamp}
	b, err := completion.AppendBinary(header.Append(c.out.buf))
	if err != nil {
		return err
	}
	c.out.buf = b
	c.out.close(int(completion.Tag), start)
	c.sequence++
	c.count.completions.Add(1)
	return nil
}
