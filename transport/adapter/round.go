package adapter

import (
	"context"
	"fmt"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/tlp"
)

// maxRound is how many reads are carried out together.
const maxRound = tlp.MaxTags

// answer is a read that is being carried out. Unless it is refused, its data
// is in the card's reads at index.
type answer struct {
	read    tlp.MemoryRead
	refusal Refusal
	index   int
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
	return c.post(a.read.Failure(a.refusal.status()), stamp)
}

// deliver appends the completions that carry a read's data to out.
func (c *card) deliver(r tlp.MemoryRead, data []byte, stamp uint32) error {
	c.count.bytes.Add(uint64(len(data)))
	for len(data) > 0 {
		p := r.Piece(data, c.options.ReadCompletionBoundary, c.options.MPS)
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
