package object

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/transport"
)

func TestPlanMembers(t *testing.T) {
	typ := structure(
		member("a", 0, integer(4)),
		member("new", 8, integer(4)),
		member("vast", 16, integer(maxMember+1)),
	)
	tests := []struct {
		name    string
		add     func(p *Plan) Member
		present bool
		err     error
	}{
		{"member", func(p *Plan) Member { return p.Member("a") }, true, nil},
		{"unknown member", func(p *Plan) Member { return p.Member("b") }, false, layout.ErrUnknownMember},
		{"vast member", func(p *Plan) Member { return p.Member("vast") }, false, layout.ErrMalformed},
		{"optional", func(p *Plan) Member { return p.Optional("a") }, true, nil},
		{"unknown optional", func(p *Plan) Member { return p.Optional("b") }, false, nil},
		{"vast optional", func(p *Plan) Member { return p.Optional("vast") }, false, layout.ErrMalformed},
		{"first of", func(p *Plan) Member { return p.FirstOf("old", "new", "a") }, true, nil},
		{"first of none", func(p *Plan) Member { return p.FirstOf("b", "c") }, false, layout.ErrUnknownMember},
		{"first of vast", func(p *Plan) Member { return p.FirstOf("vast", "a") }, false, layout.ErrMalformed},
	}
	for _, test := range tests {
		p := NewPlan(&layout.Type{Kind: layout.Typedef, Name: "s_t", Elem: typ})
		m := test.add(p)
		if m.Present() != test.present || !errors.Is(p.Err(), test.err) || (p.Err() != nil) != (test.err != nil) {
			t.Errorf("%s: present %v, error %v", test.name, m.Present(), p.Err())
		}
		if p.Type() != typ {
			t.Errorf("%s: type is %s", test.name, p.Type().Label())
		}
	}
	p := NewPlan(typ)
	if f := p.Field(p.FirstOf("old", "new")); f.Path != "new" || f.Offset != 8 {
		t.Errorf("first of old and new is %+v", f)
	}
}

// All members of all structures travel in one batch, of one plan or several.
func TestPlansShareBatch(t *testing.T) {
	m := newPages()
	m.number(0x1000, 4, 11)
	m.number(0x1800, 4, 12)
	m.number(0x2000, 4, 21)
	m.number(0x2800, 4, 22)
	first := NewPlan(structure(member("a", 0, integer(4)), member("b", 0x800, integer(4))))
	a, b := first.Member("a"), first.Member("b")
	second := NewPlan(structure(member("c", 0x800, integer(4))))
	c := second.Member("c")

	batch := NewBatch()
	x := first.Add(batch, []oracle.Address{0x1000, 0x2000})
	y := second.Add(batch, []oracle.Address{0x2000})
	if batch.Len() != 5 {
		t.Errorf("batch has %d reads", batch.Len())
	}
	if x[0].Readable() || x[0].Uint(a) != 0 {
		t.Error("an object has values before it is read")
	}
	if err := batch.Read(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := []uint64{x[0].Uint(a), x[0].Uint(b), x[1].Uint(a), x[1].Uint(b), y[0].Uint(c)}
	if diff := cmp.Diff([]uint64{11, 12, 21, 22, 22}, got); diff != "" {
		t.Error(diff)
	}
	if len(m.batches) != 1 || batch.Len() != 0 {
		t.Errorf("%d batches, %d reads left", len(m.batches), batch.Len())
	}
}

func TestBatchReadReturnsError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := NewBatch().Read(ctx, newPages()); !errors.Is(err, context.Canceled) {
		t.Errorf("empty batch: %v", err)
	}
	p := NewPlan(structure(member("a", 0, integer(4))))
	a := p.Member("a")
	objects, err := p.Read(ctx, newPages(), []oracle.Address{0x1000})
	if !errors.Is(err, context.Canceled) || objects[0].Outcome(a) != transport.NotRead {
		t.Errorf("got %v, %v", err, objects[0].Outcome(a))
	}
}

// An object keeps what it was read with when its plan gets more members.
func TestPlanGrowsAfterRead(t *testing.T) {
	m := newPages()
	m.number(0x1100, 4, 7)
	p := NewPlan(structure(member("early", 0, integer(4)), member("late", 0x100, integer(4))))
	late := p.Member("late")
	before, err := p.Read(t.Context(), m, []oracle.Address{0x1000})
	if err != nil {
		t.Fatal(err)
	}
	early := p.Member("early")
	o := &before[0]
	if o.Uint(late) != 7 || o.Outcome(early) != transport.NotRead || o.Int(early) != 0 || o.Bytes(early) != nil {
		t.Errorf("late %d, early %v", o.Uint(late), o.Outcome(early))
	}
}

func TestPlanIsSafeForConcurrentUse(t *testing.T) {
	m := newPages()
	m.number(0x1000, 4, 7)
	p := NewPlan(structure(member("a", 0, integer(4))))
	a := p.Member("a")
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			own := &pages{mapped: m.mapped}
			if o, err := p.Read(t.Context(), own, []oracle.Address{0x1000}); err != nil || o[0].Uint(a) != 7 {
				t.Errorf("got %d, %v", o[0].Uint(a), err)
			}
		})
	}
	group.Wait()
}

// ready is memory that answers at once, so that only the plan is measured.
type ready struct{}

func (ready) ReadVirtual(_ context.Context, reads []oracle.Read) error {
	for i := range reads {
		reads[i].Outcome = transport.Success
	}
	return nil
}

func BenchmarkPlanRead(b *testing.B) {
	p := NewPlan(structure(
		member("state", 24, integer(4)), member("pid", 2000, integer(4)),
		member("tgid", 2004, integer(4)), member("comm", 2600, integer(16)),
	))
	pid := p.Member("pid")
	for _, path := range []string{"state", "tgid", "comm"} {
		p.Member(path)
	}
	addresses := make([]oracle.Address, 1000)
	b.ReportAllocs()
	for b.Loop() {
		objects, err := p.Read(b.Context(), ready{}, addresses)
		if err != nil || objects[999].Uint(pid) != 0 {
			b.Fatal(err)
		}
	}
}
