package locate

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/pagetable"
	"github.com/barescope/barescope/transport"
)

// errNoImage means that a candidate's tables map no kernel image.
var errNoImage = errors.New("tables map no kernel image")

// bannerStart is how every kernel's banner begins, init/version.c.
var bannerStart = []byte("Linux version ")

const (
	// maxBanner bounds a banner's length in bytes.
	maxBanner = 1024
	// maxRodata bounds the part of a segment that is searched for a banner.
	maxRodata = 128 << 20
	// maxSegments bounds the segments that are searched. A kernel has one
	// of read-only data that is larger than all others of its kind.
	maxSegments = 16
)

// prove follows a candidate for a top-level table to a kernel's image. The
// error wraps errNoImage when it leads to none, errSpent when too many have
// been followed, and is otherwise that of ReadPhysical.
func (f *finder) prove(ctx context.Context, root transport.Address, page []byte) (*Image, error) {
	// Five levels first: read as five, tables of four levels end behind the
	// fixed mappings, where nothing is mapped at the image's index. Read as
	// four, those of five levels lead to pages that are tables themselves.
	for _, levels := range []int{5, 4} {
		image, err := f.proveLevels(ctx, pagetable.Tables{Root: root, Levels: levels}, page)
		if err == nil {
			return image, nil
		}
		if err = f.asNoImage(err); !errors.Is(err, errNoImage) {
			return nil, fmt.Errorf("follow what looks like the kernel's page table at %s: %w", root, err)
		}
	}
	return nil, fmt.Errorf("page table at %s: %w", root, errNoImage)
}

func (f *finder) proveLevels(ctx context.Context, t pagetable.Tables, page []byte) (*Image, error) {
	mappings, err := t.Scan(ctx, &f.proofs, imageBase, imageLimit, f.Allow)
	if err != nil {
		return nil, err
	}
	i := &Image{Tables: t, Segments: segments(mappings), PageOffset: pageOffset(t, page)}
	if len(i.Segments) == 0 {
		return nil, errNoImage
	}
	f.Allow(i.Ranges()...)
	if err := f.findRodata(ctx, i); err != nil {
		return nil, err
	}
	return i, nil
}

// asNoImage turns what only a wrong candidate leads to into errNoImage: too
// many tables; and, where the memory is an image, a refused read, which does
// no harm there. On a live target that stays what it is, and ends the search.
func (f *finder) asNoImage(err error) error {
	if errors.Is(err, pagetable.ErrTooLarge) || !f.Live && errors.Is(err, transport.ErrReadsRefused) {
		return errNoImage
	}
	return err
}

// pageOffset returns the address that the first entry of the upper half maps.
func pageOffset(t pagetable.Tables, page []byte) oracle.Address {
	shift := 12 + 9*(t.Levels-1)
	address := uint64(pagetable.FirstUpper(page)) << shift
	signBit := shift + 9 - 1
	return oracle.Address(int64(address<<(63-signBit)) >> (63 - signBit))
}

// findRodata picks the segment that holds the banner: the largest that is
// neither writable nor executable, as pages of the image that were freed can
// be that too; of a kernel that was built without such permissions any other.
func (f *finder) findRodata(ctx context.Context, i *Image) error {
	order := slices.Clone(i.Segments)
	slices.SortStableFunc(order, func(a, b Segment) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), -cmp.Compare(a.Length, b.Length))
	})
	order = order[:min(len(order), maxSegments)]
	// The first page of read-only data has a banner on most kernels.
	for _, n := range []uint64{transport.PageSize, maxRodata} {
		for _, s := range order {
			banner, err := f.banner(ctx, s, n)
			if err != nil {
				return err
			}
			if banner != "" {
				i.Rodata, i.Banner = s, banner
				return nil
			}
		}
	}
	return errNoImage
}

func rank(s Segment) int {
	switch {
	case !s.Writable && !s.Executable:
		return 0
	case !s.Writable:
		return 1
	}
	return 2
}

// banner returns the first banner in the first n bytes of a segment.
func (f *finder) banner(ctx context.Context, s Segment, n uint64) (string, error) {
	read := []transport.Read{{Address: s.Physical, Data: make([]byte, min(s.Length, n))}}
	if err := f.proofs.ReadPhysical(ctx, read); err != nil || read[0].Outcome != transport.Success {
		return "", err
	}
	banner, _ := FindBanner(read[0].Data)
	return banner, nil
}

// FindBanner returns the first kernel banner in b, without its newline.
func FindBanner(b []byte) (string, bool) {
	for {
		at := bytes.Index(b, bannerStart)
		if at < 0 {
			return "", false
		}
		b = b[at:]
		if banner, ok := BannerAt(b); ok {
			return banner, true
		}
		b = b[len(bannerStart):]
	}
}

// BannerAt returns the banner that b begins with, up to its newline. One that
// is a format (6.1's "Linux version %s (%s)") or has other control characters
// is none.
func BannerAt(b []byte) (string, bool) {
	b = b[:min(len(b), maxBanner)]
	end := bytes.IndexAny(b, "\n\x00")
	if end < 0 || !bytes.HasPrefix(b, bannerStart) || len(b) == len(bannerStart) {
		return "", false
	}
	first := b[len(bannerStart)]
	if first < '0' || first > '9' {
		return "", false
	}
	if bytes.ContainsFunc(b[:end], func(r rune) bool { return r < ' ' || r > '~' }) {
		return "", false
	}
	return string(b[:end]), true
}

// topEntry decodes an entry as memory has it.
func topEntry(b []byte) pagetable.Entry { return pagetable.Entry(binary.LittleEndian.Uint64(b)) }
