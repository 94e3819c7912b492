package nettlp

import (
	"github.com/barescope/barescope/transport"
)

// part is a piece of one read of a batch that fits into one request.
type part struct {
	read           int // index in the batch
	offset, length int // in bytes, of the read's data
	attempt        int // how often it was asked for before
}

// batch is one call of ReadPhysical on its way. The scheduler's mutex guards
// it until done is closed.
type batch struct {
	reads []transport.Read
	left  []int // bytes that each read still waits for
	mrrs  int

	read, offset int    // what comes next of the parts never asked for
	again        []part // parts to ask for again
	open         int    // parts in flight
	queued       bool   // the scheduler has it in its queue

	err  error
	done chan struct{}
}

// newBatch prepares reads. What needs no request has its outcome at once: an
// empty read succeeds, one that wraps around the address space is forbidden.
func newBatch(reads []transport.Read, mrrs int) *batch {
	b := &batch{reads: reads, left: make([]int, len(reads)), mrrs: mrrs, done: make(chan struct{})}
	for i := range reads {
		r := &reads[i]
		b.left[i] = len(r.Data)
		switch {
		case len(r.Data) == 0:
			r.Outcome = transport.Success
		case uint64(r.Address)+uint64(len(r.Data))-1 < uint64(r.Address):
			r.Outcome = transport.Forbidden
		default:
			r.Outcome = transport.NotRead
		}
	}
	return b
}

// peek returns the part to ask for next; take removes it.
func (b *batch) peek() (part, bool) {
	for n := len(b.again); n > 0; n = len(b.again) {
		if p := b.again[n-1]; b.wanted(p.read) {
			return p, true
		}
		b.again = b.again[:n-1]
	}
	for b.read < len(b.reads) && !b.wanted(b.read) {
		b.read, b.offset = b.read+1, 0
	}
	if b.read == len(b.reads) {
		return part{}, false
	}
	r := &b.reads[b.read]
	return part{read: b.read, offset: b.offset, length: b.fit(r)}, true
}

// fit returns how much of r, from b.offset on, one request takes: no more than
// the maximum read request size, and nothing of the next page. If there is more
// to come in the page, it begins at a line, where completions do.
func (b *batch) fit(r *transport.Read) int {
	address := uint64(r.Address) + uint64(b.offset)
	rest := min(transport.PageSize-int(address%transport.PageSize), len(r.Data)-b.offset)
	if rest <= b.mrrs {
		return rest
	}
	return b.mrrs - int(address%lineSize)
}

// take removes the part that peek returned.
func (b *batch) take(p part) {
	if n := len(b.again); n > 0 {
		b.again = b.again[:n-1]
		return
	}
	b.offset += p.length
	if b.offset == len(b.reads[p.read].Data) {
		b.read, b.offset = b.read+1, 0
	}
}

// wanted reports whether a read is neither complete nor failed.
func (b *batch) wanted(read int) bool { return b.reads[read].Outcome == transport.NotRead }

// came takes note of n new bytes of a read.
func (b *batch) came(read, n int) {
	b.left[read] -= n
	if b.left[read] == 0 && b.wanted(read) {
		b.reads[read].Outcome = transport.Success
	}
}

// fail ends a read. The first reason stays.
func (b *batch) fail(read int, outcome transport.Outcome) {
	if b.wanted(read) {
		b.reads[read].Outcome = outcome
	}
}

// finish ends the batch with err, unless it has ended.
func (b *batch) finish(err error) {
	select {
	case <-b.done:
	default:
		b.err = err
		close(b.done)
	}
}
