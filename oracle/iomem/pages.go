package iomem

import (
	"context"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/transport"
)

// maxPages bounds the pages that are held.
const maxPages = 1024

// pages reads whole pages of a Memory and keeps them. Resources lie close
// together: those of the firmware's map in one array, many others in a few
// pages of the kernel's data. A page that one of them has led to answers for
// its neighbours without another round trip, and a tree that is read from few
// moments is less torn than one that is read node by node.
type pages struct {
	memory oracle.Memory
	held   map[oracle.Address][]byte // nil for a page that cannot be read whole
}

// ReadVirtual implements [oracle.Memory] in one dependent batch, or none; in
// two where a page cannot be read whole.
func (p *pages) ReadVirtual(ctx context.Context, reads []oracle.Read) error {
	if err := p.fetch(ctx, reads); err != nil {
		return err
	}
	var rest []oracle.Read
	var at []int
	for i := range reads {
		if !p.answer(&reads[i]) {
			rest, at = append(rest, reads[i]), append(at, i)
		}
	}
	if len(rest) == 0 {
		return nil
	}
	err := p.memory.ReadVirtual(ctx, rest)
	for i := range rest {
		reads[at[i]].Outcome = rest[i].Outcome
	}
	return err
}

// fetch reads the pages of reads that are not held.
func (p *pages) fetch(ctx context.Context, reads []oracle.Read) error {
	var missing []oracle.Read
	for i := range reads {
		for _, page := range pagesOf(&reads[i]) {
			if _, known := p.held[page]; known || len(p.held) >= maxPages {
				continue
			}
			p.held[page] = nil
			missing = append(missing, oracle.Read{Address: page, Data: make([]byte, transport.PageSize)})
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if err := p.memory.ReadVirtual(ctx, missing); err != nil {
		return err
	}
	for i := range missing {
		if missing[i].Outcome == transport.Success {
			p.held[missing[i].Address] = missing[i].Data
		}
	}
	return nil
}

// answer fills a read from pages that are held, if all of them are.
func (p *pages) answer(r *oracle.Read) bool {
	done := 0
	for _, page := range pagesOf(r) {
		data := p.held[page]
		if data == nil {
			return false
		}
		done += copy(r.Data[done:], data[r.Address+oracle.Address(done)-page:])
	}
	r.Outcome = transport.Success
	return true
}

// pagesOf returns the pages that a read touches: one, or two, as it is no
// longer than a structure.
func pagesOf(r *oracle.Read) []oracle.Address {
	const inPage = transport.PageSize - 1
	first, last := r.Address&^inPage, (r.Address+oracle.Address(len(r.Data))-1)&^inPage
	if first == last {
		return []oracle.Address{first}
	}
	return []oracle.Address{first, last}
}
