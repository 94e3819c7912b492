package locate

import (
	"context"
	"errors"
	"fmt"

	"github.com/rs/zerolog"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/pagetable"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/rangeset"
)

// Options of [Find].
type Options struct {
	// Memory to look in.
	Memory transport.Memory
	// Allow is told of physical memory that page tables lead to before it
	// is read; it must not be nil.
	Allow pagetable.Reach
	// Extent is the memory that may be searched. Without it Find looks in
	// low memory only.
	Extent []transport.Range
	// Live is true for a machine where a read outside of RAM does harm.
	Live bool
	// Progress, if not nil, is told of a search through Extent: how many
	// bytes of how many have been looked at.
	Progress func(done, total uint64)
	// Log takes what was found on the way. The zero Logger is silent.
	Log zerolog.Logger
}

// finder is one search.
type finder struct {
	Options
	extent rangeset.Set // Options.Extent, as far as it can be addressed
	proofs budget
}

// Find finds the kernel that runs. The error wraps [oracle.ErrNoKernel] when
// there is none to be seen, [oracle.ErrUnsupported] when what there is cannot
// be understood, and is otherwise that of ReadPhysical: on a live target a
// read that is refused behind a candidate ends the search.
func Find(ctx context.Context, o Options) (*Image, error) {
	f := &finder{
		Options: o,
		extent:  rangeset.Of(o.Extent...).Intersect(addressable),
		proofs:  budget{memory: o.Memory, left: maxProofs},
	}
	image, err := f.find(ctx)
	if errors.Is(err, errSpent) {
		return nil, fmt.Errorf("%w: %w", oracle.ErrNoKernel, err)
	}
	return image, err
}

// addressable is what a physical address can reach, Intel SDM volume 3A,
// section 4.1.4.
var addressable = rangeset.Of(transport.Range{Length: 1 << 52})

func (f *finder) find(ctx context.Context) (*Image, error) {
	image, err := f.trampoline(ctx)
	if !errors.Is(err, oracle.ErrNoKernel) {
		return image, err
	}
	f.Log.Info().Err(err).Msg("no way in through low memory")
	if f.extent.Empty() {
		return nil, fmt.Errorf("%w; the extent of RAM would allow a search: give it with --ram", err)
	}
	for _, search := range []func(context.Context) (*Image, error){f.steps, f.roots} {
		image, err := search(ctx)
		if !errors.Is(err, oracle.ErrNoKernel) {
			return image, err
		}
		f.Log.Info().Err(err).Msg("search")
	}
	return nil, fmt.Errorf("%w: neither in low memory nor anywhere in %s of RAM are page tables that map one",
		oracle.ErrNoKernel, mebibytes(total(f.extent.Ranges())))
}

func total(ranges []transport.Range) uint64 {
	var n uint64
	for _, r := range ranges {
		n += r.Length
	}
	return n
}

func mebibytes(n uint64) string { return fmt.Sprintf("%d MiB", n>>20) }
