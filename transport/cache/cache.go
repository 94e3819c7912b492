package cache

import (
	"context"
	"sync"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/rangeset"
)

// DefaultLimit is how many bytes a Cache keeps unless told otherwise: the
// read-only data of a kernel is about 14 MB, a walk's lines are far less.
const DefaultLimit = 256 << 20

// Options of a [Cache]. The zero value is usable.
type Options struct {
	// Limit is how many bytes of memory are kept at most, DefaultLimit
	// when zero. One page is always kept.
	Limit int
	// Reach is how many bytes one request to the Memory behind can carry,
	// DefaultReach when zero. Lines of one page that lie within it are
	// read together, with what is between them.
	Reach int
	// Bounds reports whether a range may be read. A read is widened to
	// lines, and merged with another, only where that keeps it inside. Nil
	// allows everything.
	Bounds func(transport.Range) bool
}

// Cache answers reads from what was read before in the same epoch, and what
// it must ask for in one call. It implements [transport.Memory].
type Cache struct {
	next   transport.Memory
	bounds func(transport.Range) bool
	reach  uint64

	mu    sync.Mutex
	store store
}

// New returns an empty Cache before next.
func New(next transport.Memory, o Options) *Cache {
	if o.Limit == 0 {
		o.Limit = DefaultLimit
	}
	if o.Bounds == nil {
		o.Bounds = func(transport.Range) bool { return true }
	}
	if o.Reach == 0 {
		o.Reach = DefaultReach
	}
	return &Cache{next: next, bounds: o.Bounds, reach: uint64(o.Reach), store: store{
		limit:  max(1, o.Limit/transport.PageSize),
		byAddr: make(map[transport.Address]*page),
	}}
}

// Advance starts an epoch: what was read before, and is not pinned, is stale.
func (c *Cache) Advance() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.store.epoch++
}

// Pin says that nothing writes to the ranges: what was or will be read of
// them stays fresh over [Cache.Advance], as far as whole lines of 64 bytes
// lie in them.
func (c *Cache) Pin(ranges ...transport.Range) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.store.pinned = c.store.pinned.Union(rangeset.Of(ranges...))
}

// ReadPhysical implements [transport.Memory]. It makes one call to the Memory
// behind, or none; and a second one only when a read failed that had been
// widened or merged with others, for exactly what was asked. The error is
// that of the Memory behind.
func (c *Cache) ReadPhysical(ctx context.Context, reads []transport.Read) error {
	fresh := transport.IsFresh(ctx)
	p := c.plan(reads, fresh)
	p.makeRuns(&merger{reach: c.reach, bounds: c.bounds})
	if err := p.send(ctx, c.next); err != nil {
		c.keep(p, fresh)
		p.finish()
		return err
	}
	c.keep(p, fresh)
	return p.again(ctx, c.next, p.finish())
}

// plan answers what is valid and says what must be read.
func (c *Cache) plan(reads []transport.Read, fresh bool) *plan {
	p := newPlan(reads)
	c.mu.Lock()
	defer c.mu.Unlock()
	p.epoch = c.store.epoch
	for i := range reads {
		reads[i].Outcome = transport.NotRead
		switch r := reads[i].Range(); {
		case r.Length == 0:
			reads[i].Outcome = transport.Success
		case !c.mayWiden(r):
			p.exact = append(p.exact, i)
		case c.answer(p, &reads[i], fresh):
			reads[i].Outcome = transport.Success
		default:
			p.pending = append(p.pending, i)
		}
	}
	return p
}

// mayWiden reports whether the lines that a range touches may be read whole.
func (c *Cache) mayWiden(r transport.Range) bool {
	start := r.Start &^ (lineSize - 1)
	last := r.Start + transport.Address(r.Length) - 1
	end := last | (lineSize - 1)
	if last < r.Start || end == ^transport.Address(0) {
		return false
	}
	return c.bounds(transport.Range{Start: start, Length: uint64(end-start) + 1})
}

// answer copies what is valid of a read and puts the rest into the plan. It
// reports whether there is no rest.
func (c *Cache) answer(p *plan, r *transport.Read, fresh bool) bool {
	complete, data := true, r.Data
	eachPage(r.Range(), func(address transport.Address, from, to uint64) {
		want := linesOf(from, to)
		if held := c.store.lookup(address); held != nil && !fresh {
			held.copyTo(data[:to-from], from, want&held.valid)
			want &^= held.valid
		}
		if want != 0 {
			complete = false
			p.missing[address] |= want
		}
		data = data[to-from:]
	})
	return complete
}

// keep stores what a plan has read.
func (c *Cache) keep(p *plan, fresh bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range p.runs {
		if p.runs[i].Outcome == transport.Success {
			c.store.insert(&p.runs[i], p.epoch, fresh)
		}
	}
}
