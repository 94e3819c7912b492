package oracletest

import (
	"context"
	"encoding/binary"
	"slices"
	"sync"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/rangeset"
)

// Memory is sparse physical memory. A page that was neither written nor said
// to exist is [transport.UnsupportedRequest], as a hole is on a live machine.
// It implements [transport.Memory].
type Memory struct {
	// Before, if set, is called ahead of each batch with the batch's
	// number, from 0. It may change memory; an error ends the batch before
	// anything of it is read.
	Before func(batch int, reads []transport.Read) error

	mu       sync.Mutex
	pages    map[transport.Address]*[transport.PageSize]byte
	exists   rangeset.Set
	failures []failure
	batches  [][]transport.Range
}

// failure makes reads that touch a range end with an outcome.
type failure struct {
	rng     transport.Range
	outcome transport.Outcome
}

// NewMemory returns memory without a single page.
func NewMemory() *Memory {
	return &Memory{pages: make(map[transport.Address]*[transport.PageSize]byte)}
}

// Write puts bytes at an address. Pages that it touches exist from then on.
func (m *Memory) Write(a transport.Address, data []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(data) > 0 {
		base := a.Page()
		if m.pages[base] == nil {
			m.pages[base] = new([transport.PageSize]byte)
		}
		n := copy(m.pages[base][a-base:], data)
		a, data = a+transport.Address(n), data[n:]
	}
}

// Words puts consecutive words of eight bytes at an address.
func (m *Memory) Words(a transport.Address, words ...uint64) {
	data := make([]byte, 0, 8*len(words))
	for _, w := range words {
		data = binary.LittleEndian.AppendUint64(data, w)
	}
	m.Write(a, data)
}

// Word returns the eight bytes at an address, which must not cross a page; 0
// for memory that does not exist.
func (m *Memory) Word(a transport.Address) uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.pages[a.Page()]
	if p == nil {
		return 0
	}
	return binary.LittleEndian.Uint64(p[a-a.Page():])
}

// Exist lets ranges of whole pages exist: what of them is not written is zero.
// It costs no memory.
func (m *Memory) Exist(ranges ...transport.Range) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.exists = m.exists.Union(rangeset.Of(ranges...))
}

// Zero overwrites [a, a+length) with zeros.
func (m *Memory) Zero(a transport.Address, length uint64) { m.Write(a, make([]byte, length)) }

// Fail lets reads that touch a range end with an outcome, from now on.
func (m *Memory) Fail(r transport.Range, outcome transport.Outcome) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failures = append(m.failures, failure{r, outcome})
}

// Batches returns the ranges of all batches so far, and forgets them.
func (m *Memory) Batches() [][]transport.Range {
	m.mu.Lock()
	defer m.mu.Unlock()
	batches := m.batches
	m.batches = nil
	return batches
}

// ReadPhysical implements [transport.Memory].
func (m *Memory) ReadPhysical(ctx context.Context, reads []transport.Read) error {
	for i := range reads {
		reads[i].Outcome = transport.NotRead
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := m.begin(reads); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range reads {
		m.read(&reads[i])
	}
	return nil
}

// begin takes note of a batch and calls Before.
func (m *Memory) begin(reads []transport.Read) error {
	m.mu.Lock()
	number := len(m.batches)
	batch := make([]transport.Range, len(reads))
	for i := range reads {
		batch[i] = reads[i].Range()
	}
	m.batches = append(m.batches, batch)
	m.mu.Unlock()
	if m.Before == nil {
		return nil
	}
	return m.Before(number, reads)
}

func (m *Memory) read(r *transport.Read) {
	i := slices.IndexFunc(m.failures, func(f failure) bool {
		return f.rng.Start < r.Range().End() && r.Address < f.rng.End()
	})
	if i >= 0 {
		r.Outcome = m.failures[i].outcome
		return
	}
	r.Outcome = transport.Success
	for done := 0; done < len(r.Data); {
		a := r.Address + transport.Address(done)
		p := m.page(a.Page())
		if p == nil {
			r.Outcome = transport.UnsupportedRequest
			return
		}
		done += copy(r.Data[done:], p[a-a.Page():])
	}
}

// zeros is what a page that was not written holds.
var zeros [transport.PageSize]byte

// page returns the page at an address, nil if there is none.
func (m *Memory) page(a transport.Address) *[transport.PageSize]byte {
	if p := m.pages[a]; p != nil {
		return p
	}
	if m.exists.Contains(transport.Range{Start: a, Length: transport.PageSize}) {
		return &zeros
	}
	return nil
}
