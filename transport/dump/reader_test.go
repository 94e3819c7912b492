package dump

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/transport"
)

// TestChunks shows how ranges are cut: whole pages, but for their ends, and no
// batch over two ranges.
func TestChunks(t *testing.T) {
	o := Options{Chunk: 2 * transport.PageSize, Ahead: 1}
	r := newReader(&o, []part{
		{offset: 0, text: make([]byte, 32)},
		{offset: 32, memory: transport.Range{Start: 0x1800, Length: 0x3000}},
		{offset: 0x4000, memory: transport.Range{Start: 0x8000, Length: 0x1000}},
	}, 0)
	type cut struct {
		Offset uint64
		Reads  []string
	}
	want := []cut{
		{32, []string{"0x1800-0x1fff", "0x2000-0x2fff"}},
		{32 + 0x1800, []string{"0x3000-0x3fff", "0x4000-0x47ff"}},
		{0x4000, []string{"0x8000-0x8fff"}},
	}
	var got []cut
	for c := &r.chunks[0]; r.prepare(c); {
		one := cut{Offset: c.offset}
		for i := range c.reads {
			one.Reads = append(one.Reads, c.reads[i].Range().String())
		}
		got = append(got, one)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// barrier answers no batch before the one that is some places behind it has
// been asked for.
type barrier struct {
	machine
	begun map[transport.Address]chan struct{}
	waits map[transport.Address]chan struct{} // nil for the last ones
}

func newBarrier(o Options, ahead int) *barrier {
	b := &barrier{begun: make(map[transport.Address]chan struct{}), waits: make(map[transport.Address]chan struct{})}
	var order []transport.Address
	for _, r := range o.Ranges {
		one := newReader(&Options{Chunk: o.Chunk}, []part{{memory: r}}, 0)
		for c := &one.chunks[0]; one.prepare(c); {
			order = append(order, c.reads[0].Address)
			b.begun[c.reads[0].Address] = make(chan struct{})
		}
	}
	for i, at := range order[:len(order)-ahead] {
		b.waits[at] = b.begun[order[i+ahead]]
	}
	return b
}

func (b *barrier) ReadPhysical(ctx context.Context, reads []transport.Read) error {
	close(b.begun[reads[0].Address])
	if wait := b.waits[reads[0].Address]; wait != nil {
		<-wait
	}
	return b.machine.ReadPhysical(ctx, reads)
}

// TestReadsAhead expects that the dump gets done, and does not stand still: while
// a chunk is written, the next two are in flight.
func TestReadsAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := what(Raw, nil)
		b := newBarrier(o, DefaultAhead)
		o.Memory = b
		if m := write(t, o); len(b.begun) != 29 || m.Sessions != 1 {
			t.Errorf("%d batches", len(b.begun))
		}
	})
}
