package guard

import (
	"context"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/rangeset"
)

// firstRead is the length in bytes of the read that tries a tier: what one
// request asks for and one completion answers, whatever the link's limits.
const firstRead = 64

// prove tries each tier that the admitted reads need and that has not
// answered yet, one read in flight at a time. The read that tries is sent
// again with the others: for a read that is longer it is only its start.
func (g *Guard) prove(ctx context.Context, reads []transport.Read, admitted []int) error {
	g.mu.Lock()
	done := len(g.tiers) == 0
	g.mu.Unlock()
	if done {
		return nil
	}
	for _, at := range admitted {
		for {
			tried, err := g.tryTier(ctx, &reads[at])
			if err != nil {
				return err
			}
			if !tried {
				break
			}
		}
	}
	return nil
}

// tryTier tries one tier that a read needs. It returns false when there was
// none left to try.
func (g *Guard) tryTier(ctx context.Context, r *transport.Read) (bool, error) {
	if _, needed := g.unproven(r.Range()); !needed {
		return false, nil
	}
	select {
	case <-g.turn:
		defer func() { g.turn <- struct{}{} }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	tier, needed := g.unproven(r.Range()) // another goroutine may have had its turn
	if !needed {
		return false, nil
	}
	probe := firstOf(tier, r.Range())
	if err := g.next.ReadPhysical(ctx, probe); err != nil {
		return false, err
	}
	if outcome := probe[0].Outcome; outcome != transport.Success && outcome != transport.Absent {
		r.Outcome = outcome
		return false, &RefusedError{Range: probe[0].Range(), Outcome: outcome}
	}
	g.believe(tier)
	return true, nil
}

// firstOf returns the read that tries a tier: the first bytes of want that
// belong to it, at most to the next multiple of firstRead.
func firstOf(tier rangeset.Set, want transport.Range) []transport.Read {
	part := tier.Intersect(rangeset.Of(want)).Ranges()[0]
	n := min(part.Length, firstRead-uint64(part.Start)%firstRead)
	return []transport.Read{{Address: part.Start, Data: make([]byte, n)}}
}

// unproven returns a tier that holds some of a range and has not answered.
func (g *Guard) unproven(r transport.Range) (rangeset.Set, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, tier := range g.tiers {
		if tier.Overlaps(r) {
			return tier, true
		}
	}
	return rangeset.Set{}, false
}

// believe moves what is still allowed of a tier to what has answered.
func (g *Guard) believe(tier rangeset.Set) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.proven = g.proven.Union(tier.Intersect(g.allowed))
	left := g.tiers[:0:0]
	for _, other := range g.tiers {
		if other = other.Subtract(g.proven); !other.Empty() {
			left = append(left, other)
		}
	}
	g.tiers = left
}
