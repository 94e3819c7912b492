package open

import (
	"context"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout/btf"
	"github.com/barescope/barescope/oracle/locate"
	"github.com/barescope/barescope/oracle/pagetable"
	"github.com/barescope/barescope/transport"
)

// maxRodata bounds the read-only data that is taken from a target; kernels of
// today have 7 to 16 MiB.
const maxRodata = 64 << 20

// rootSymbols name the kernel's own top-level page table, since 4.15 and
// before.
var rootSymbols = []string{"init_top_pgt", "init_level4_pgt"}

// Open opens the kernel that runs in a target's memory. The error wraps one
// of the errors of package oracle that name a stage, or is that of the
// Memory, such as [transport.ErrNoLink].
func Open(ctx context.Context, o Options) (*Kernel, error) {
	o.setDefaults()
	image, err := locate.Find(ctx, locate.Options{
		Memory: o.Memory, Allow: o.Fence.Allow, Extent: o.Extent, Live: o.Live, Progress: o.Progress, Log: o.Log,
	})
	if err != nil {
		return nil, err
	}
	o.Log.Debug().Stringer("text", image.Text()).Stringer("physical", image.TextPhys()).
		Int("paging_levels", image.Tables.Levels).Msg("found the kernel")
	k := &Kernel{image: image, cache: o.Cache, space: pagetable.NewSpace(o.Memory, image.Tables, o.Fence.Allow)}
	k.space.AddWindow(image.Window())
	o.Cache.Pin(image.Rodata.Range())
	found, err := k.found(ctx)
	if err != nil {
		return nil, err
	}
	if err := k.learn(ctx, &o, found); err != nil {
		return nil, err
	}
	if err := k.settle(ctx, &o); err != nil {
		return nil, err
	}
	if err := k.identify(ctx, &o, found); err != nil {
		return nil, err
	}
	return k, nil
}

// found reads the kernel's read-only data.
func (k *Kernel) found(ctx context.Context) (*Found, error) {
	f := &Found{Image: k.image, Memory: k, Rodata: make([]byte, min(k.image.Rodata.Length, maxRodata))}
	read := []oracle.Read{{Address: k.image.Rodata.Virtual, Data: f.Rodata}}
	if err := k.ReadVirtual(ctx, read); err != nil {
		return nil, fmt.Errorf("read the kernel's read-only data: %w", err)
	}
	if read[0].Outcome != transport.Success {
		return nil, fmt.Errorf("%w: its read-only data at %s could not be read (%s)",
			oracle.ErrNoSymbols, k.image.Rodata.Virtual, read[0].Outcome)
	}
	return f, nil
}

// learn finds symbols and types, and moves to the kernel's own page table.
func (k *Kernel) learn(ctx context.Context, o *Options, f *Found) (err error) {
	if k.symbols, k.identity.SymbolsFrom, err = findSymbols(ctx, o.Symbols, f); err != nil {
		return err
	}
	if k.types, k.identity.TypesFrom, err = findTypes(ctx, o.Types, f, k.symbols); err != nil {
		return err
	}
	if base, ok := k.types.(*btf.Types); ok {
		k.modules = &moduleTypes{base: base}
	}
	o.Log.Debug().Str("symbols", k.identity.SymbolsFrom).Str("types", k.identity.TypesFrom).Msg("know the kernel")
	return k.adopt(ctx, o)
}

// adopt moves from the trampoline's page table to the kernel's own, of which
// it is a copy that newer entries may miss. The kernel's lies in its image.
func (k *Kernel) adopt(ctx context.Context, o *Options) error {
	for _, name := range rootSymbols {
		a, err := k.Symbol(ctx, name)
		if err != nil {
			continue
		}
		if a < k.image.Text() || a >= k.image.End() || a%transport.PageSize != 0 {
			return contradiction("%s at %s is no page of the kernel's image", name, a)
		}
		root := k.image.TextPhys() + transport.Address(a-k.image.Text())
		k.space = pagetable.NewSpace(o.Memory, pagetable.Tables{Root: root, Levels: k.image.Tables.Levels}, o.Fence.Allow)
		k.space.AddWindow(k.image.Window())
		return nil
	}
	return nil
}
