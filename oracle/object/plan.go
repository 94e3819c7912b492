package object

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/transport"
)

// mergeGap is how many unwanted bytes between two members are read along
// rather than start another read. A read's request and its completion header
// take about as much of the link.
const mergeGap = 64

// maxMember bounds the size of one member, since it comes from the target's
// description of its types.
const maxMember = 64 << 10

// Plan lists members of one structure type. It is not modified by reading.
type Plan struct {
	typ    *layout.Type
	fields []layout.Field // indexed by Member.index-1
	errs   []error
	spans  []span
	place  []placement // one for each of fields
	built  bool
}

// Member stands for one member of a Plan. The zero Member is one that the
// type does not have.
type Member struct{ index int }

// Present reports whether the type has the member.
func (m Member) Present() bool { return m.index > 0 }

// span is one read, relative to the structure; placement says which span
// holds a field.
type span struct{ offset, size uint64 }

type placement struct{ span int }

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
	m, _ := p.add(path)
	return m
}

// FirstOf adds the first of several members that the type has, for what was
// renamed; if it has none of them, Err says so.
func (p *Plan) FirstOf(paths ...string) Member {
	for _, path := range paths {
		if m, err := p.add(path); err == nil {
			return m
		}
	}
	p.errs = append(p.errs, fmt.Errorf("%s has none of the members %q: %w", p.typ.Label(), paths, layout.ErrUnknownMember))
	return Member{}
}

// Field returns where a member of the plan lies. It must be Present.
func (p *Plan) Field(m Member) layout.Field { return p.fields[m.index-1] }

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
	p.fields = append(p.fields, f)
	p.built = false
	return Member{index: len(p.fields)}, nil
}

// build computes the spans: fields by offset, neighbours merged.
func (p *Plan) build() {
	order := make([]int, len(p.fields))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(p.fields[a].Offset, p.fields[b].Offset) })
	p.spans, p.place = nil, make([]placement, len(p.fields))
	for _, i := range order {
		f := p.fields[i]
		last := len(p.spans) - 1
		if last < 0 || f.Offset > p.spans[last].offset+p.spans[last].size+mergeGap {
			p.spans = append(p.spans, span{offset: f.Offset, size: f.Size})
			last++
		} else if end := f.End(); end > p.spans[last].offset+p.spans[last].size {
			p.spans[last].size = end - p.spans[last].offset
		}
		p.place[i] = placement{span: last}
	}
	p.built = true
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
// hold values once that batch is read.
func (p *Plan) Add(b *Batch, addresses []oracle.Address) []Object {
	if !p.built {
		p.build()
	}
	var size uint64
	for _, s := range p.spans {
		size += s.size
	}
	backing := make([]byte, size*uint64(len(addresses)))
	outcomes := make([]transport.Outcome, len(p.spans)*len(addresses))
	objects := make([]Object, len(addresses))
	for i, address := range addresses {
		spans := make([][]byte, len(p.spans))
		for j, s := range p.spans {
			spans[j], backing = backing[:s.size:s.size], backing[s.size:]
			b.add(address+oracle.Address(s.offset), spans[j], &outcomes[i*len(p.spans)+j])
		}
		objects[i] = Object{Address: address, plan: p, spans: spans,
			outcomes: outcomes[i*len(p.spans) : (i+1)*len(p.spans)]}
	}
	return objects
}
