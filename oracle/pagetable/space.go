package pagetable

import (
	"context"
	"sync"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/transport"
)

// Space is a kernel's virtual address space. It implements [oracle.Memory].
//
// It is safe for use by several goroutines at once.
type Space struct {
	memory transport.Memory
	tables Tables

	mu      sync.RWMutex
	reach   Reach
	windows []Window
	pages   map[oracle.Address]Mapping // by address of the 4 KiB page asked for
}

// Window is a range of virtual addresses that is mapped linearly, so that no
// table needs to be read for it.
type Window struct {
	Virtual  oracle.Address
	Physical transport.Address
	Length   uint64
}

// maxRemembered bounds the translations that a Space remembers.
const maxRemembered = 1 << 16

// NewSpace returns the address space that tables describe. reach, if not nil,
// is told of each physical range before it is read for the first time, tables
// and mapped pages alike.
func NewSpace(m transport.Memory, t Tables, reach Reach) *Space {
	return &Space{memory: m, tables: t, reach: reach, pages: make(map[oracle.Address]Mapping)}
}

// AddWindow declares a linear mapping. Of overlapping ones the first counts.
// What of it lies in the lower half of the address space stays unmapped.
func (s *Space) AddWindow(w Window) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.windows = append(s.windows, w)
}

// Settle ends the reporting of what is reached: the caller knows by now what
// may be read.
func (s *Space) Settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reach = nil
}

// Forget drops the translations that were remembered from walks.
func (s *Space) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.pages)
}

// Tables returns the page tables that the space is made of.
func (s *Space) Tables() Tables { return s.tables }

// Translate says where addresses lie in physical memory. The error is that of
// ReadPhysical.
func (s *Space) Translate(ctx context.Context, addresses []oracle.Address) ([]oracle.Translation, error) {
	t := make([]oracle.Translation, len(addresses))
	var walked []oracle.Address
	for i, a := range addresses {
		t[i] = oracle.Translation{Virtual: a, Outcome: transport.Success}
		physical, ok := s.linear(a, 1)
		if t[i].Physical = physical; !ok {
			t[i].Outcome = transport.NotRead
			walked = append(walked, a)
		}
	}
	found, err := s.walk(ctx, walked)
	for i := range t {
		if t[i].Outcome != transport.NotRead {
			continue
		}
		m, ok := found[page(t[i].Virtual)]
		if !ok {
			continue
		}
		t[i].Outcome = m.Outcome
		if m.Outcome == transport.Success {
			t[i].Physical = m.Translate(t[i].Virtual)
		}
	}
	return t, err
}

// ReadVirtual implements [oracle.Memory]. Pages that are mapped, but not as
// ordinary memory, are [transport.Forbidden]: reading a device has effects.
func (s *Space) ReadVirtual(ctx context.Context, reads []oracle.Read) error {
	pieces, walked := s.split(reads)
	found, err := s.walk(ctx, walked)
	if err != nil {
		for i := range reads {
			reads[i].Outcome = transport.NotRead
		}
		return err
	}
	physical := make([]transport.Read, 0, len(pieces))
	reached := make([]transport.Read, 0, len(walked))
	sent := pieces[:0]
	for _, p := range pieces {
		if !p.translated {
			m := found[page(p.virtual)]
			if outcome := readable(m); outcome != transport.Success {
				setOutcome(&reads[p.read], outcome)
				continue
			}
			p.physical = m.Translate(p.virtual)
			reached = append(reached, transport.Read{Address: p.physical})
		}
		physical = append(physical, transport.Read{Address: p.physical, Data: p.data})
		sent = append(sent, p)
	}
	if len(physical) == 0 {
		return nil
	}
	s.report(reached)
	err = s.memory.ReadPhysical(ctx, physical)
	for i, p := range sent {
		setOutcome(&reads[p.read], physical[i].Outcome)
	}
	return err
}

// setOutcome joins the outcome of one piece to its read: the first failure that
// is found stays.
func setOutcome(r *oracle.Read, outcome transport.Outcome) {
	if r.Outcome == transport.Success {
		r.Outcome = outcome
	}
}

// piece is a part of a virtual read that is contiguous in physical memory.
type piece struct {
	read       int // index of the read it belongs to
	virtual    oracle.Address
	physical   transport.Address
	data       []byte
	translated bool
}

// split cuts reads into pieces, and lists the pages whose translation has to
// be walked for. It sets each read's outcome to Success; pieces that fail
// overwrite it.
func (s *Space) split(reads []oracle.Read) ([]piece, []oracle.Address) {
	pieces := make([]piece, 0, len(reads))
	var walked []oracle.Address
	for i := range reads {
		r := &reads[i]
		r.Outcome = transport.Success
		if len(r.Data) == 0 {
			continue
		}
		if physical, ok := s.linear(r.Address, uint64(len(r.Data))); ok {
			pieces = append(pieces, piece{i, r.Address, physical, r.Data, true})
			continue
		}
		data, a := r.Data, r.Address
		for len(data) > 0 {
			n := min(len(data), transport.PageSize-int(a%transport.PageSize))
			physical, ok := s.linear(a, uint64(n))
			pieces = append(pieces, piece{i, a, physical, data[:n:n], ok})
			if !ok {
				walked = append(walked, a)
			}
			data, a = data[n:], a+oracle.Address(n)
		}
	}
	return pieces, walked
}

// linear translates a range that lies in one window.
func (s *Space) linear(a oracle.Address, length uint64) (transport.Address, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, w := range s.windows {
		if a < w.Virtual || !a.IsKernel() {
			continue
		}
		if offset := uint64(a - w.Virtual); offset < w.Length && length <= w.Length-offset {
			return w.Physical + transport.Address(offset), true
		}
	}
	return 0, false
}

// walk returns mappings by page for the addresses, remembered or walked for.
func (s *Space) walk(ctx context.Context, addresses []oracle.Address) (map[oracle.Address]Mapping, error) {
	found := make(map[oracle.Address]Mapping, len(addresses))
	var missing []oracle.Address
	s.mu.RLock()
	reach := s.reach
	for _, a := range addresses {
		a = page(a)
		if _, ok := found[a]; ok {
			continue
		}
		m, ok := s.pages[a]
		if found[a] = m; !ok || transport.IsFresh(ctx) {
			missing = append(missing, a)
		}
	}
	s.mu.RUnlock()
	if len(missing) == 0 {
		return found, nil
	}
	mappings, err := s.tables.Walk(ctx, s.memory, missing, reach)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, a := range missing {
		found[a] = mappings[i]
		if mappings[i].Outcome != transport.Success {
			continue
		}
		if len(s.pages) >= maxRemembered {
			clear(s.pages)
		}
		s.pages[a] = mappings[i]
	}
	return found, err
}

// report tells of pages that walks led to and that are about to be read.
func (s *Space) report(reads []transport.Read) {
	s.mu.RLock()
	reach := s.reach
	s.mu.RUnlock()
	reach.pages(reads)
}

// readable returns Success for a page of ordinary memory.
func readable(m Mapping) transport.Outcome {
	if m.Outcome == transport.Success && !m.WriteBack {
		return transport.Forbidden
	}
	return m.Outcome
}

func page(a oracle.Address) oracle.Address { return a &^ (transport.PageSize - 1) }
