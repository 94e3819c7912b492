package object

import (
	"context"
	"errors"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/transport"
)

// maxMember bounds the size of one member, since it comes from the target's
// description of its types.
const maxMember = 64 << 10

// Plan lists members of one structure type. Reading does not modify it, so
// that a plan which has all its members can be used by several goroutines.
type Plan struct {
	typ         *layout.Type
	errs        []error
	arrangement arrangement
	most        int // reads of one structure; 0 for any number
}

// Member stands for one member of a Plan. The zero Member is one that the
// type does not have.
type Member struct{ index int }

// Present reports whether the type has the member.
func (m Member) Present() bool { return m.index > 0 }

// NewPlan returns an empty plan for structures of type t.
func NewPlan(t *layout.Type) *Plan { return &Plan{typ: layout.Resolve(t)} }

// Type returns the structure's type.
func (p *Plan) Type() *layout.Type { return p.typ }

// Member adds a member that the type must have; if it has not, Err says so.
func (p *Plan) Member(path string) Member {
	m, err := p.add(path)
	if err != nil {
		p.errs = append(p.errs, err)
	}
	return m
}

// Optional adds a member that the type may have.
func (p *Plan) Optional(path string) Member {
	m, err := p.add(path)
	if err != nil && !errors.Is(err, layout.ErrUnknownMember) {
		p.errs = append(p.errs, err)
	}
	return m
}

// FirstOf adds the first of several members that the type has, for what was
// renamed; if it has none of them, Err says so.
func (p *Plan) FirstOf(paths ...string) Member {
	for _, path := range paths {
		m, err := p.add(path)
		if err == nil {
			return m
		}
		if !errors.Is(err, layout.ErrUnknownMember) {
			p.errs = append(p.errs, err)
			return Member{}
		}
	}
	p.errs = append(p.errs, fmt.Errorf("%s has none of the members %q: %w", p.typ.Label(), paths, layout.ErrUnknownMember))
	return Member{}
}

// Field returns where a member of the plan lies. It must be Present.
func (p *Plan) Field(m Member) layout.Field { return p.arrangement.fields[m.index-1] }

// Err returns what was wrong with the members, joined; every one of the
// errors wraps layout.ErrUnknownMember or layout.ErrMalformed.
func (p *Plan) Err() error { return errors.Join(p.errs...) }

func (p *Plan) add(path string) (Member, error) {
	f, err := p.typ.Field(path)
	if err != nil {
		return Member{}, err
	}
	if f.Size > maxMember {
		return Member{}, fmt.Errorf("%s.%s is %d bytes: %w", p.typ.Label(), path, f.Size, layout.ErrMalformed)
	}
	p.arrangement = arrange(append(p.arrangement.fields, f)).merged(p.most)
	return Member{index: len(p.arrangement.fields)}, nil
}

// Read reads the plan's members of the structures at the addresses, one
// Object for each, in order. The error is that of ReadVirtual; what could not
// be read of a single structure is said by its Object.
func (p *Plan) Read(ctx context.Context, m oracle.Memory, addresses []oracle.Address) ([]Object, error) {
	b := NewBatch()
	objects := p.Add(b, addresses)
	return objects, b.Read(ctx, m)
}

// Add is Read in two steps: it puts the reads into a batch, and the Objects
// hold values once that batch is read. They hold the members that the plan
// has by now.
func (p *Plan) Add(b *Batch, addresses []oracle.Address) []Object {
	a := p.arrangement
	n := len(a.spans)
	backing := make([]byte, a.size*uint64(len(addresses)))
	outcomes := make([]transport.Outcome, n*len(addresses))
	pieces := make([][]byte, n*len(addresses))
	objects := make([]Object, len(addresses))
	b.grow(len(pieces))
	for i, address := range addresses {
		o := Object{Address: address, arrangement: &a, spans: pieces[:n:n], outcomes: outcomes[:n:n]}
		for j, s := range a.spans {
			o.spans[j], backing = backing[:s.size:s.size], backing[s.size:]
			b.add(address+oracle.Address(s.offset), o.spans[j], &o.outcomes[j])
		}
		objects[i], pieces, outcomes = o, pieces[n:], outcomes[n:]
	}
	return objects
}
