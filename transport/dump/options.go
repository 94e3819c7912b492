package dump

import (
	"cmp"
	"fmt"
	"time"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/rangeset"
)

const (
	// DefaultChunk is how many bytes one batch of reads asks for.
	DefaultChunk = 4 << 20
	// DefaultAhead is how many chunks are asked for while another one is
	// written: with two, one is always in full flight when another ends.
	DefaultAhead = 2
	// DefaultCheckpoint is after how many bytes of the file the journal is
	// brought up to date. Each time waits for the disk.
	DefaultCheckpoint = 512 << 20
)

// Options say what to dump and how. Memory, Ranges and Format are required.
type Options struct {
	// Memory is the target. Pages are read once each, so what caches them
	// is better left out.
	Memory transport.Memory
	// Ranges are what to dump, in any order.
	Ranges []transport.Range
	Format Format
	// Core is needed for [ELF] and ignored for the others.
	Core Core
	// Machine is kept with what is dumped, so that it cannot be completed
	// from another.
	Machine Machine
	// Resume goes on with what an earlier Write left.
	Resume bool

	// Chunk is how many bytes to read at a time, a multiple of the page
	// size, Ahead how many such reads to have in flight while one is
	// written, Checkpoint after how many bytes to update the journal. Zero
	// values stand for the defaults.
	Chunk, Ahead int
	Checkpoint   uint64

	// Progress, if not nil, is told how many bytes of memory of how many
	// are done, first before anything is read.
	Progress func(done, total uint64)
}

// complete fills in defaults and sorts the ranges. The error wraps
// [ErrBadOptions].
func (o *Options) complete() error {
	o.Chunk = cmp.Or(o.Chunk, DefaultChunk)
	o.Ahead = cmp.Or(o.Ahead, DefaultAhead)
	o.Checkpoint = cmp.Or(o.Checkpoint, DefaultCheckpoint)
	if o.Progress == nil {
		o.Progress = func(uint64, uint64) {}
	}
	o.Ranges = rangeset.Of(o.Ranges...).Ranges()
	if o.Chunk < 0 || o.Chunk%transport.PageSize != 0 || o.Ahead < 0 {
		return fmt.Errorf("%w: %d chunks of %d bytes", ErrBadOptions, o.Ahead, o.Chunk)
	}
	return nil
}

// Machine tells one boot of one machine from others.
type Machine struct {
	// BuildID is that of the kernel's .notes section, in hexadecimal.
	BuildID string `json:"build_id"`
	// TextBase and TextPhys are where the kernel lies, virtual and
	// physical: drawn anew at each boot where it has KASLR.
	TextBase uint64            `json:"text_base"`
	TextPhys transport.Address `json:"text_phys"`
	// Booted is when it was started, by its own clock.
	Booted time.Time `json:"booted"`
}

// clockDrift is how far two readings of the time of the same boot may be apart:
// a clock that is adjusted moves it by 500 us a second at most. Nothing boots
// twice within it.
const clockDrift = 5 * time.Second

// same reports whether two are the same boot of the same machine.
func (m Machine) same(other Machine) bool {
	return m.BuildID == other.BuildID && m.TextBase == other.TextBase && m.TextPhys == other.TextPhys &&
		m.Booted.Sub(other.Booted).Abs() <= clockDrift
}
