package kc705

import (
	"cmp"
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/nettlp"
	"github.com/barescope/barescope/transport/tlp"
)

// boundary is the read completion boundary.
const boundary = 64

// Options of a Card. The zero value is the hardware on a good network.
type Options struct {
	// MPS is the most data in one completion, in bytes: a power of two
	// from 64 to 4096, 256 by default.
	MPS int
	// Seed of all that is random: latencies and faults.
	Seed uint64
	// Faults of the network.
	Faults Faults
}

// Stats counts what a card did.
type Stats struct {
	// Requests is the number of reads that came, Completions that of the
	// datagrams that were sent for them, Bytes their data.
	Requests, Completions, Bytes uint64
	// Overrun is the number of packets that a FIFO had no or not enough
	// room for.
	Overrun uint64
	// Malformed is the number of datagrams that are no read that a card
	// answers.
	Malformed uint64
}

// Card is a nettlp.Link to a card whose host has a given memory. Its methods
// may be called by several goroutines at once.
type Card struct {
	memory   transport.Memory
	options  Options
	receiver nettlp.Receiver
	agenda   *agenda

	mu               sync.Mutex
	random           *rand.Rand
	started          time.Time
	sequence         uint16
	uplink, downlink line
	busy             line
	requests, out    fifo
	stats            Stats
}

var _ nettlp.Link = (*Card)(nil)

// New returns a card in a host with that memory. A read of it that does not
// succeed is answered as an unsupported request.
func New(memory transport.Memory, o Options) *Card {
	o.MPS = cmp.Or(o.MPS, 256)
	return &Card{
		memory: memory, options: o, agenda: newAgenda(), started: time.Now(),
		random: rand.New(rand.NewPCG(o.Seed, 0)),
	}
}

// Stats returns what was counted so far.
func (c *Card) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats
}

// Listen implements nettlp.Link.
func (c *Card) Listen(r nettlp.Receiver) { c.receiver = r }

// Register implements nettlp.Link: the card is a Xilinx device and may read
// memory.
func (c *Card) Register(_ context.Context, number uint16) (uint32, error) {
	switch number {
	case tlp.IDRegister:
		return 0x7024_10ee, nil
	case tlp.CommandRegister:
		return 0x0010_0000 | tlp.BusMaster | 2, nil
	}
	return 0, nil
}

// Close implements nettlp.Link. It returns nil.
func (c *Card) Close() error {
	c.agenda.close()
	return nil
}

// Send implements nettlp.Link. The error is nil: whoever sends a datagram does
// not learn what becomes of it.
func (c *Card) Send(_ uint8, datagram []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	arrival := c.uplink.transmit(time.Now(), len(datagram))
	if happens(c.random, c.options.Faults.Loss) {
		return nil
	}
	r, err := decodeRead(datagram)
	if err != nil {
		c.stats.Malformed++
		return nil
	}
	size, wait := len(datagram)-tlp.HeaderSize, delay(c.random, c.count(r))
	c.accept(r, size, arrival, wait)
	if happens(c.random, c.options.Faults.Repeat) {
		c.accept(r, size, arrival, wait)
	}
	return nil
}

// decodeRead returns the read that a datagram asks for, if it is one that
// hardware answers.
func decodeRead(datagram []byte) (tlp.MemoryRead, error) {
	_, packet, err := tlp.DecodeHeader(datagram)
	if err != nil {
		return tlp.MemoryRead{}, err
	}
	r, err := tlp.DecodeMemoryRead(packet)
	if err != nil {
		return r, err
	}
	return r, r.Validate()
}

// accept takes a read of so many bytes into the queue of requests. The host
// answers it after wait.
func (c *Card) accept(r tlp.MemoryRead, size int, arrival time.Time, wait time.Duration) {
	c.stats.Requests++
	if c.requests.room(arrival) < size {
		c.stats.Overrun++
		return
	}
	done := c.busy.occupy(arrival, serviceTime(r.Length, c.count(r)))
	c.requests.put(size, done)
	c.agenda.at(done.Add(wait), func() { c.answer(r) })
}

// count returns in how many pieces the data of a read comes.
func (c *Card) count(r tlp.MemoryRead) int {
	data := make([]byte, r.Length)
	n := 0
	for ; len(data) > 0; n++ {
		data = data[len(r.Piece(data, boundary, c.options.MPS).Data):]
	}
	return n
}

// answer puts the completions of a read into the outgoing queue, one after the
// other.
func (c *Card) answer(r tlp.MemoryRead) {
	reads := []transport.Read{{Address: r.Address, Data: make([]byte, r.Length)}}
	now := time.Now()
	if err := c.memory.ReadPhysical(context.Background(), reads); err != nil || reads[0].Outcome != transport.Success {
		c.dispatch(now, r.Failure(tlp.UR))
		return
	}
	for data := reads[0].Data; len(data) > 0; {
		piece := r.Piece(data, boundary, c.options.MPS)
		c.agenda.at(now, func() { c.dispatch(time.Now(), piece) })
		now = now.Add(completionTime + pacing(len(piece.Data)))
		data = data[len(piece.Data):]
	}
}

// dispatch sends a completion through the outgoing queue and the network.
func (c *Card) dispatch(now time.Time, completion tlp.Completion) {
	c.mu.Lock()
	defer c.mu.Unlock()
	header := tlp.Header{Sequence: c.sequence, Timestamp: tlp.Ticks(now.Sub(c.started))}
	datagram, err := completion.AppendBinary(header.Append(nil))
	if err != nil {
		c.stats.Malformed++
		return
	}
	c.sequence++
	size, room := len(datagram)-tlp.HeaderSize, c.out.room(now)
	if size > room {
		c.stats.Overrun++
	}
	if room == 0 {
		return
	}
	size = min(size, room)
	datagram = datagram[:tlp.HeaderSize+size]
	arrival := c.downlink.transmit(now, len(datagram))
	c.out.put(size, arrival)
	c.stats.Completions++
	c.stats.Bytes += uint64(len(completion.Data))
	c.deliver(arrival, completion.Tag, datagram)
	if happens(c.random, c.options.Faults.Duplicate) {
		c.deliver(arrival, completion.Tag, datagram)
	}
}

// deliver has a datagram arrive at the client, unless the network loses it.
func (c *Card) deliver(arrival time.Time, tag uint8, datagram []byte) {
	if happens(c.random, c.options.Faults.Loss) {
		return
	}
	arrival = arrival.Add(c.options.Faults.lateness(c.random))
	c.agenda.at(arrival, func() { c.receiver.Receive(tag, datagram, len(datagram)) })
}
