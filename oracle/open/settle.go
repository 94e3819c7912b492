package open

import (
	"context"
	"errors"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/iomem"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/pagetable"
	"github.com/barescope/barescope/transport"
)

// settle verifies what was learned and ends the time of guessing: from here on
// System RAM may be read, by the target's own map of it, and nothing else.
func (k *Kernel) settle(ctx context.Context, o *Options) error {
	next, err := k.verifyInitTask(ctx)
	if err != nil {
		return err
	}
	if k.identity.PageOffset, err = k.pageOffset(ctx); err != nil {
		return err
	}
	if err := k.verifyDirectMap(ctx, next); err != nil {
		return err
	}
	ram, err := k.readRAM(ctx)
	if err != nil {
		return err
	}
	k.identity.RAM = ram
	o.Fence.Restrict(ram)
	k.space.Settle()
	for _, r := range ram {
		k.space.AddWindow(pagetable.Window{
			Virtual: k.identity.PageOffset + oracle.Address(r.Start), Physical: r.Start, Length: r.Length,
		})
	}
	return nil
}

// readRAM reads the target's own map of its RAM. The image must lie in it.
func (k *Kernel) readRAM(ctx context.Context) ([]transport.Range, error) {
	root, err := k.Symbol(ctx, "iomem_resource")
	if err != nil {
		return nil, fmt.Errorf("%w: no map of RAM: %w", oracle.ErrNoSymbols, err)
	}
	resources, err := iomem.Read(ctx, k, root)
	switch {
	case errors.Is(err, iomem.ErrMalformed):
		return nil, contradiction("%w", err)
	case errors.Is(err, layout.ErrUnknownType) || errors.Is(err, layout.ErrUnknownMember) || errors.Is(err, layout.ErrMalformed):
		return nil, fmt.Errorf("%w: %w", oracle.ErrNoTypes, err)
	case err != nil:
		return nil, err
	}
	ram := iomem.RAM(resources)
	if !covers(ram, k.image.Ranges()) {
		return nil, contradiction("the kernel's image at %s lies outside of what its resource tree says is RAM", k.image.TextPhys())
	}
	return ram, nil
}

// covers reports whether each of inner lies in one of outer.
func covers(outer, inner []transport.Range) bool {
	for _, in := range inner {
		inside := false
		for _, out := range outer {
			inside = inside || out.Contains(in)
		}
		if !inside {
			return false
		}
	}
	return true
}
