package cache

import (
	"context"
	"sort"

	"github.com/barescope/barescope/transport"
)

// plan is what must be read to answer a batch.
type plan struct {
	reads   []transport.Read
	epoch   uint64
	missing map[transport.Address]lineSet // of each page
	pending []int                         // reads that missing lines complete
	exact   []int                         // reads that are sent as they are
	runs    []transport.Read              // the missing lines, merged, by address
}

func newPlan(reads []transport.Read) *plan {
	return &plan{reads: reads, missing: make(map[transport.Address]lineSet)}
}

// send reads everything that is missing in one call.
func (p *plan) send(ctx context.Context, next transport.Memory) error {
	if len(p.runs)+len(p.exact) == 0 {
		return nil
	}
	sent := p.runs // shares its memory: makeRuns left room
	for _, i := range p.exact {
		sent = append(sent, p.reads[i])
	}
	err := next.ReadPhysical(ctx, sent)
	for i, r := range sent[len(p.runs):] {
		p.reads[p.exact[i]].Outcome = r.Outcome
	}
	return err
}

// makeRuns turns the missing lines into reads.
func (p *plan) makeRuns(m *merger) {
	m.addPages(p.missing)
	backing := make([]byte, m.size)
	p.runs = make([]transport.Read, len(m.ranges), len(m.ranges)+len(p.exact))
	for i, r := range m.ranges {
		p.runs[i] = transport.Read{Address: r.Start, Data: backing[:r.Length:r.Length]}
		backing = backing[r.Length:]
	}
}

// finish completes the pending reads from the runs. It returns those that
// failed with a run that held more than they had asked for.
func (p *plan) finish() (failed []int) {
	for _, i := range p.pending {
		r := &p.reads[i]
		r.Outcome = transport.Success
		widened := false
		for j := p.firstRun(r.Address); j < len(p.runs) && p.runs[j].Address < r.Range().End(); j++ {
			run := &p.runs[j]
			if run.Outcome != transport.Success {
				r.Outcome = run.Outcome
				widened = widened || !r.Range().Contains(run.Range())
				continue
			}
			copyOverlap(r, run)
		}
		if widened {
			failed = append(failed, i)
		}
	}
	return failed
}

// firstRun returns the index of the first run that ends behind an address.
func (p *plan) firstRun(at transport.Address) int {
	return sort.Search(len(p.runs), func(i int) bool { return p.runs[i].Range().End() > at })
}

func copyOverlap(to, from *transport.Read) {
	if from.Address >= to.Address {
		copy(to.Data[from.Address-to.Address:], from.Data)
	} else {
		copy(to.Data, from.Data[to.Address-from.Address:])
	}
}

// again reads exactly what was asked by the reads that failed.
func (p *plan) again(ctx context.Context, next transport.Memory, failed []int) error {
	if len(failed) == 0 {
		return nil
	}
	sent := make([]transport.Read, len(failed))
	for i, at := range failed {
		sent[i] = transport.Read{Address: p.reads[at].Address, Data: p.reads[at].Data}
	}
	err := next.ReadPhysical(ctx, sent)
	for i, at := range failed {
		if sent[i].Outcome != transport.NotRead {
			p.reads[at].Outcome = sent[i].Outcome
		}
	}
	return err
}
