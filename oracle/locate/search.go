package locate

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/pagetable"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/rangeset"
)

const (
	// alignment of the kernel's image and of its read-only data in
	// physical memory: CONFIG_PHYSICAL_ALIGN, which KASLR keeps.
	alignment = 2 << 20
	// batch is how many such places are looked at together.
	batch = 1024
	// reachAround is how far from an image's read-only data its page
	// tables are looked for.
	reachAround = 64 << 20
	// chunk is how much is read at once in a search.
	chunk = 4 << 20
)

// steps looks at each multiple of 2 MiB for the start of a kernel's read-only
// data, which has a banner, and near it for the page table of an image.
func (f *finder) steps(ctx context.Context) (*Image, error) {
	var searched rangeset.Set
	for places := range aligned(f.extent.Ranges()) {
		pages, err := f.pages(ctx, places)
		if err != nil {
			return nil, err
		}
		for _, p := range pages {
			if _, ok := FindBanner(p.Data); !ok || p.Outcome != transport.Success {
				continue
			}
			near := rangeset.Of(around(p.Address))
			unsearched := f.extent.Intersect(near).Subtract(searched)
			image, err := f.search(ctx, unsearched.Ranges(), nil)
			if !errors.Is(err, oracle.ErrNoKernel) {
				return image, err
			}
			searched = searched.Union(near)
		}
	}
	return nil, fmt.Errorf("%w at a multiple of 2 MiB", oracle.ErrNoKernel)
}

// aligned returns the multiples of 2 MiB in ranges, by the batch.
func aligned(ranges []transport.Range) iter.Seq[[]transport.Address] {
	return func(yield func([]transport.Address) bool) {
		places := make([]transport.Address, 0, batch)
		for _, r := range ranges {
			for a := (r.Start + alignment - 1) &^ (alignment - 1); a < r.End(); a += alignment {
				if places = append(places, a); len(places) < batch {
					continue
				}
				if !yield(places) {
					return
				}
				places = places[:0]
			}
		}
		if len(places) > 0 {
			yield(places)
		}
	}
}

// around returns the neighbourhood of a banner.
func around(banner transport.Address) transport.Range {
	start := banner - min(banner, reachAround)
	return transport.Range{Start: start, Length: uint64(banner-start) + reachAround}
}

// roots looks at every page for a page table that maps a kernel.
func (f *finder) roots(ctx context.Context) (*Image, error) {
	return f.search(ctx, f.extent.Ranges(), f.Progress)
}

// search reads ranges chunk by chunk and tries each page that could be a
// top-level table. Every process has one with the kernel's upper half.
func (f *finder) search(ctx context.Context, ranges []transport.Range, progress func(done, total uint64)) (*Image, error) {
	var done, unread uint64
	all := total(ranges)
	for _, r := range ranges {
		for a := (r.Start + transport.PageSize - 1).Page(); a < r.End(); a += chunk {
			n := min(chunk, uint64(r.End()-a))
			read := []transport.Read{{Address: a, Data: make([]byte, n)}}
			if err := f.Memory.ReadPhysical(ctx, read); err != nil {
				return nil, err
			}
			if read[0].Outcome != transport.Success {
				unread += n
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
	return nil, fmt.Errorf("%w in %s, of which %s could not be read", oracle.ErrNoKernel, mebibytes(all), mebibytes(unread))
}

// try tries the pages of a chunk.
func (f *finder) try(ctx context.Context, r *transport.Read) (*Image, error) {
	for i := 0; r.Outcome == transport.Success && i+transport.PageSize <= len(r.Data); i += transport.PageSize {
		page := r.Data[i : i+transport.PageSize]
		if !pagetable.KernelRoot(page) || !f.extent.Contains(lastTable(page)) {
			continue
		}
		image, err := f.prove(ctx, r.Address+transport.Address(i), page)
		if err == nil || !errors.Is(err, errNoImage) {
			return image, err
		}
	}
	return nil, oracle.ErrNoKernel
}

// lastTable returns where the table lies that the last entry of one leads to.
func lastTable(page []byte) transport.Range {
	return transport.Range{Start: topEntry(page[pagetable.LastEntry:]).Table(), Length: transport.PageSize}
}
