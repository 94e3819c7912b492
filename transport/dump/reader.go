package dump

import (
	"context"
	"sync"

	"github.com/barescope/barescope/transport"
)

// chunk is a stretch of memory on its way from the target to the file.
type chunk struct {
	offset uint64           // in the file
	buffer []byte           // of the size of the longest chunk
	data   []byte           // what of buffer this one takes
	reads  []transport.Read // a page each, so that each has its own outcome
	err    error            // of the whole batch
	ready  chan struct{}
}

// reader reads the memory of a layout in order, some chunks ahead of what it
// hands over. Its chunks are used again and again.
type reader struct {
	memory transport.Memory
	parts  []part // what is left
	offset uint64 // in the file, of what to ask for next
	chunks []chunk
}

// newReader returns a reader of what a layout has from an offset on.
func newReader(o *Options, parts []part, offset uint64) *reader {
	r := &reader{memory: o.Memory, parts: parts, offset: offset, chunks: make([]chunk, o.Ahead+1)}
	for i := range r.chunks {
		r.chunks[i] = chunk{
			buffer: make([]byte, o.Chunk),
			reads:  make([]transport.Read, 0, o.Chunk/transport.PageSize+1),
			ready:  make(chan struct{}, 1),
		}
	}
	return r
}

// each reads everything and hands the chunks over, one after the other. A chunk
// is only valid until use returns. The error is that of use, or of a batch that
// could not be carried out.
func (r *reader) each(ctx context.Context, use func(*chunk) error) error {
	work := make(chan *chunk, len(r.chunks))
	var workers sync.WaitGroup
	defer workers.Wait()
	defer close(work)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	asked := 0
	for i := range r.chunks {
		workers.Go(func() { r.work(ctx, work) })
		if r.prepare(&r.chunks[i]) {
			work <- &r.chunks[i]
			asked++
		}
	}
	for i := 0; asked > 0; i = (i + 1) % len(r.chunks) {
		c := &r.chunks[i]
		<-c.ready
		asked--
		if c.err != nil {
			return c.err
		}
		if err := use(c); err != nil {
			return err
		}
		if r.prepare(c) {
			work <- c
			asked++
		}
	}
	return nil
}

// work reads chunks until there are no more.
func (r *reader) work(ctx context.Context, work <-chan *chunk) {
	for c := range work {
		c.err = r.memory.ReadPhysical(ctx, c.reads)
		c.ready <- struct{}{}
	}
}

// prepare makes a chunk of the memory that comes next. It returns false when
// there is none.
func (r *reader) prepare(c *chunk) bool {
	for len(r.parts) > 0 && (r.parts[0].text != nil || r.parts[0].end() <= r.offset) {
		r.parts = r.parts[1:]
	}
	if len(r.parts) == 0 {
		return false
	}
	p := &r.parts[0]
	r.offset = max(r.offset, p.offset)
	at := p.memory.Start + transport.Address(r.offset-p.offset)
	// Whole pages only, but for the ends of ranges that have none there.
	size := min(p.end()-r.offset, uint64(len(c.buffer))-uint64(at-at.Page()))
	c.offset, c.data, c.reads = r.offset, c.buffer[:size], c.reads[:0]
	for done := uint64(0); done < size; {
		n := min(size-done, transport.PageSize-uint64(at-at.Page()))
		c.reads = append(c.reads, transport.Read{Address: at, Data: c.data[done : done+n]})
		at, done = at+transport.Address(n), done+n
	}
	r.offset += size
	return true
}
