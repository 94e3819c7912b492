package guard

import (
	"context"
	"slices"
	"sync"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/rangeset"
)

var (
	// LowMemory is RAM on every PC: conventional memory without the
	// interrupt vectors' page below it and the extended BIOS data area
	// above it.
	LowMemory = transport.Range{Start: 0x1000, Length: 0x9e000}
	// LegacyHole is the VGA window and the option ROMs of every PC. It is
	// never read, whoever says that it is RAM.
	LegacyHole = transport.Range{Start: 0xa0000, Length: 0x60000}
)

// Guard forwards reads of allowed memory to another Memory and refuses the
// others. It implements [transport.Memory].
type Guard struct {
	next transport.Memory
	turn chan struct{} // holds one token; who has it may try a tier

	mu         sync.Mutex
	allowed    rangeset.Set
	proven     rangeset.Set // the part of allowed that has answered
	tiers      []rangeset.Set
	restricted bool
}

// New returns a Guard before next that allows the given ranges, as one tier.
func New(next transport.Memory, allowed ...transport.Range) *Guard {
	g := &Guard{next: next, turn: make(chan struct{}, 1)}
	g.turn <- struct{}{}
	g.Allow(allowed...)
	return g
}

// Allow adds ranges, as one tier. It does nothing after [Guard.Restrict].
// [LegacyHole] is cut out of the ranges; one that wraps around the address
// space is left out.
func (g *Guard) Allow(ranges ...transport.Range) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.restricted {
		return
	}
	tier := withoutHole(ranges)
	g.allowed = g.allowed.Union(tier)
	g.addTier(tier)
}

// Restrict allows exactly the given ranges from now on, cut as by
// [Guard.Allow]. What is new among them is a tier. Nothing can widen the
// ranges any more: a second Restrict allows what is in both.
func (g *Guard) Restrict(ranges []transport.Range) {
	g.mu.Lock()
	defer g.mu.Unlock()
	allowed := withoutHole(ranges)
	if g.restricted {
		allowed = allowed.Intersect(g.allowed)
	}
	g.restricted = true
	g.allowed = allowed
	g.proven = g.proven.Intersect(allowed)
	g.tiers = nil
	g.addTier(allowed)
}

// Allowed returns the ranges that may be read, in ascending order.
func (g *Guard) Allowed() []transport.Range {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.allowed.Ranges()
}

// Allows reports whether all of a range may be read.
func (g *Guard) Allows(r transport.Range) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.allowed.Contains(r)
}

func withoutHole(ranges []transport.Range) rangeset.Set {
	return rangeset.Of(ranges...).Subtract(rangeset.Of(LegacyHole))
}

// addTier adds what of a tier is not in another one.
func (g *Guard) addTier(tier rangeset.Set) {
	tier = tier.Subtract(g.proven)
	for _, other := range g.tiers {
		tier = tier.Subtract(other)
	}
	if !tier.Empty() {
		g.tiers = append(g.tiers, tier)
	}
}

// ReadPhysical implements [transport.Memory]. A read that lies outside of what
// is allowed, if only with one byte, is [transport.Forbidden]. The error is
// that of the Memory behind, or a [*RefusedError] when a tier's first read
// failed: no other read of the batch was sent after it then.
func (g *Guard) ReadPhysical(ctx context.Context, reads []transport.Read) error {
	admitted := g.admit(reads)
	err := g.prove(ctx, reads, admitted)
	if err != nil || len(admitted) == 0 {
		return err
	}
	if len(admitted) == len(reads) {
		return g.next.ReadPhysical(ctx, reads)
	}
	sent := make([]transport.Read, len(admitted))
	for i, at := range admitted {
		sent[i] = reads[at]
	}
	err = g.next.ReadPhysical(ctx, sent)
	for i, at := range admitted {
		reads[at].Outcome = sent[i].Outcome
	}
	return err
}

// admit decides on each read and returns the indices of those to send.
func (g *Guard) admit(reads []transport.Read) []int {
	g.mu.Lock()
	allowed := g.allowed
	g.mu.Unlock()
	admitted := make([]int, 0, len(reads))
	for i := range reads {
		r := &reads[i]
		switch {
		case len(r.Data) == 0:
			r.Outcome = transport.Success
		case allowed.Contains(r.Range()):
			r.Outcome = transport.NotRead
			admitted = append(admitted, i)
		default:
			r.Outcome = transport.Forbidden
		}
	}
	return slices.Clip(admitted)
}
