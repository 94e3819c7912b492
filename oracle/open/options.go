package open

import (
	"github.com/rs/zerolog"

	"github.com/barescope/barescope/transport"
)

// Options of [Open].
type Options struct {
	// Memory is the target.
	Memory transport.Memory
	// Fence, if not nil, is told what may be read: what page tables lead
	// to while nothing else is known, then System RAM and nothing else.
	Fence Fence
	// Cache, if not nil, is told what never changes and when what it holds
	// gets old.
	Cache Cache
	// Extent is memory that may be searched for a kernel: what an image
	// holds. Nil for a live target.
	Extent []transport.Range
	// Live is true for a machine where a read outside of RAM does harm.
	Live bool

	// Symbols and Types are asked in order; the first that has any is
	// used. Empty lists stand for [Memory] alone.
	Symbols []SymbolSource
	Types   []TypeSource

	// Progress, if not nil, is told of a search through Extent: how many
	// bytes of how many were looked at.
	Progress func(done, total uint64)
	// Log takes what each stage found. The zero Logger is silent.
	Log zerolog.Logger
}

// Fence limits what may be read. A guard.Guard is one.
type Fence interface {
	// Allow adds ranges to what may be read.
	Allow(ranges ...transport.Range)
	// Restrict allows these ranges and no other from now on.
	Restrict(ranges []transport.Range)
}

// Cache remembers memory. A cache.Cache is one.
type Cache interface {
	// Pin declares ranges that never change.
	Pin(ranges ...transport.Range)
	// Advance makes all that is not pinned stale.
	Advance()
}

// noFence and noCache stand for what is not given.
type noFence struct{}

func (noFence) Allow(...transport.Range)   {}
func (noFence) Restrict([]transport.Range) {}

type noCache struct{}

func (noCache) Pin(...transport.Range) {}
func (noCache) Advance()               {}

func (o *Options) setDefaults() {
	if o.Fence == nil {
		o.Fence = noFence{}
	}
	if o.Cache == nil {
		o.Cache = noCache{}
	}
	if len(o.Symbols) == 0 {
		o.Symbols = []SymbolSource{Memory{}}
	}
	if len(o.Types) == 0 {
		o.Types = []TypeSource{Memory{}}
	}
}
