package locate

import (
	"context"
	"errors"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/pagetable"
	"github.com/barescope/barescope/transport"
)

const (
	// alignment of the kernel's image and of its read-only data in
	// physical memory: CONFIG_PHYSICAL_ALIGN, which KASLR keeps.
	alignment = 2 << 20
	// reachAround is how far from an image's read-only data its page
	// tables are looked for.
	reachAround = 64 << 20
	// chunk is how much is read at once in a search.
	chunk = 4 << 20
)

// steps looks at each multiple of 2 MiB for the start of a kernel's read-only
// data, which has a banner, and near it for the page table of an image.
func (f *finder) steps(ctx context.Context) (*Image, error) {
	var at []transport.Address
	for _, r := range f.Extent {
		for a := (r.Start + alignment - 1) &^ (alignment - 1); a < r.End(); a += alignment {
			at = append(at, a)
		}
	}
	const batch = 1024
	for len(at) > 0 {
		pages, err := f.pages(ctx, at[:min(batch, len(at))])
		if err != nil {
			return nil, err
		}
		for _, p := range pages {
			if _, ok := FindBanner(p.Data); !ok || p.Outcome != transport.Success {
				continue
			}
			image, err := f.around(ctx, p.Address)
			if !errors.Is(err, oracle.ErrNoKernel) {
				return image, err
			}
		}
		at = at[len(pages):]
	}
	return nil, fmt.Errorf("%w at a multiple of 2 MiB", oracle.ErrNoKernel)
}

// around searches the neighbourhood of a banner.
func (f *finder) around(ctx context.Context, banner transport.Address) (*Image, error) {
	near := transport.Range{Start: banner - min(banner, reachAround), Length: 2 * reachAround}
	var parts []transport.Range
	for _, r := range f.Extent {
		start, end := max(r.Start, near.Start), min(r.End(), near.End())
		if start < end {
			parts = append(parts, transport.Range{Start: start, Length: uint64(end - start)})
		}
	}
	return f.search(ctx, parts, nil)
}

// roots looks at every page for a page table that maps a kernel.
func (f *finder) roots(ctx context.Context) (*Image, error) {
	return f.search(ctx, f.Extent, f.Progress)
}

// search reads ranges chunk by chunk and tries each page that could be a
// top-level table. Every process has one with the kernel's upper half.
func (f *finder) search(ctx context.Context, ranges []transport.Range, progress func(done, total uint64)) (*Image, error) {
	var done uint64
	all := total(ranges)
	for _, r := range ranges {
		for a := r.Start; a < r.End(); a += chunk {
			n := min(chunk, uint64(r.End()-a))
			read := []transport.Read{{Address: a, Data: make([]byte, n)}}
			if err := f.Memory.ReadPhysical(ctx, read); err != nil {
				return nil, err
			}
			image, err := f.try(ctx, &read[0])
			if !errors.Is(err, oracle.ErrNoKernel) {
				return image, err
			}
			if done += n; progress != nil {
				progress(done, all)
			}
		}
	}
	return nil, fmt.Errorf("%w in %s", oracle.ErrNoKernel, mebibytes(all))
}

// try tries the pages of a chunk.
func (f *finder) try(ctx context.Context, r *transport.Read) (*Image, error) {
	for i := 0; r.Outcome == transport.Success && i+transport.PageSize <= len(r.Data); i += transport.PageSize {
		page := r.Data[i : i+transport.PageSize]
		if !pagetable.KernelRoot(page) || !f.within(topEntry(page[pagetable.LastEntry:]).Table()) {
			continue
		}
		image, err := f.prove(ctx, r.Address+transport.Address(i), page)
		if err == nil || !errors.Is(err, errNoImage) {
			return image, err
		}
	}
	return nil, oracle.ErrNoKernel
}

// within reports whether a page lies in the memory that may be searched.
func (f *finder) within(a transport.Address) bool {
	for _, r := range f.Extent {
		if r.Contains(transport.Range{Start: a, Length: transport.PageSize}) {
			return true
		}
	}
	return false
}
