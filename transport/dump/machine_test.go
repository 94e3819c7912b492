package dump

import (
	"context"
	"encoding/binary"
	"sync"
	"time"

	"github.com/barescope/barescope/transport"
)

// machine is memory whose content follows from its address: one page in four is
// zeros, one in 64 cannot be read unless all is sound.
type machine struct {
	sound  bool
	before func(batch int) error // called ahead of each batch, if set

	mu      sync.Mutex
	batches int
}

func (m *machine) ReadPhysical(ctx context.Context, reads []transport.Read) error {
	m.mu.Lock()
	batch := m.batches
	m.batches++
	m.mu.Unlock()
	if m.before != nil {
		if err := m.before(batch); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for i := range reads {
		reads[i].Outcome = m.outcome(reads[i].Address)
		content(reads[i].Address, reads[i].Data)
	}
	return nil
}

func (m *machine) outcome(a transport.Address) transport.Outcome {
	if m.sound || uint64(a)/transport.PageSize%64 < 63 {
		return transport.Success
	}
	return transport.UnsupportedRequest
}

// content fills data with what lies at an address. What stands in memory that
// cannot be read must not get into a file, so it is not zeros.
func content(a transport.Address, data []byte) {
	if uint64(a)/transport.PageSize%4 == 1 {
		clear(data)
		return
	}
	for i := range data {
		data[i] = byte(a) + byte(i) | 1
	}
	if len(data) >= 8 {
		binary.LittleEndian.PutUint64(data, uint64(a))
	}
}

// some is memory as PCs have it: a piece that begins and ends within a page, a
// hole, and the rest.
var some = []transport.Range{
	{Start: 0x1000, Length: 0x9ec00},
	{Start: 0x100000, Length: 0x100000},
	{Start: 0x400800, Length: 0x20000},
}

// what is a dump of it.
func what(f Format, m transport.Memory) Options {
	return Options{
		Memory: m, Ranges: some, Format: f, Chunk: 64 << 10,
		Core: Core{
			PageOffset: 0xffff888000000000, VMCoreInfo: []byte("OSRELEASE=6.1.0\n"), CPUs: 2,
			Image: transport.Range{Start: 0x110000, Length: 0x8000}, ImageBase: 0xffffffff89600000,
		},
		Machine: Machine{
			BuildID: "cbfd71b4", TextBase: 0xffffffff89600000, TextPhys: 0x39c00000,
			Booted: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC),
		},
	}
}
