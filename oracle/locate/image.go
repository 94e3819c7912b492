package locate

import (
	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/pagetable"
	"github.com/barescope/barescope/transport"
)

// Addresses of the kernel's image, Documentation/arch/x86/x86_64/mm.rst.
const (
	// imageBase is __START_KERNEL_map; imageLimit is how much of it an
	// image can take, KERNEL_IMAGE_SIZE with KASLR.
	imageBase  oracle.Address = 0xffffffff80000000
	imageLimit                = 1 << 30
	// linkedText is where _text is linked: what it is without KASLR.
	linkedText oracle.Address = 0xffffffff81000000
)

// Image is a kernel's image as its own page tables map it.
type Image struct {
	// Tables whose upper half is the kernel's.
	Tables pagetable.Tables
	// Segments of one permission each, in ascending order. All lie at the
	// same distance from physical memory.
	Segments []Segment
	// Rodata is the segment of read-only data.
	Rodata Segment
	// Banner is the first kernel banner in the read-only data. It can be
	// the short one, without the build's number and date.
	Banner string
	// PageOffset is where the direct map begins as far as the top-level
	// table tells: a multiple of what one of its entries maps.
	PageOffset oracle.Address
}

// Segment is a run of an image's pages that have the same permissions.
type Segment struct {
	Virtual              oracle.Address
	Physical             transport.Address
	Length               uint64
	Writable, Executable bool
}

// End returns the first address behind the segment.
func (s Segment) End() oracle.Address { return s.Virtual + oracle.Address(s.Length) }

// Range returns the physical memory that the segment takes.
func (s Segment) Range() transport.Range {
	return transport.Range{Start: s.Physical, Length: s.Length}
}

// Text returns the address of _text, where the image begins.
func (i *Image) Text() oracle.Address { return i.Segments[0].Virtual }

// TextPhys returns the physical address of _text.
func (i *Image) TextPhys() transport.Address { return i.Segments[0].Physical }

// End returns the first address behind the image.
func (i *Image) End() oracle.Address { return i.Segments[len(i.Segments)-1].End() }

// KASLROffset returns how far the image was moved from where it was linked.
func (i *Image) KASLROffset() uint64 { return uint64(i.Text() - linkedText) }

// PhysBase returns the kernel's phys_base: a physical address of the image is
// the virtual one, less 0xffffffff80000000, plus this.
func (i *Image) PhysBase() int64 {
	return int64(i.TextPhys()) - int64(i.Text()-imageBase)
}

// Window returns the linear mapping of the whole image.
func (i *Image) Window() pagetable.Window {
	return pagetable.Window{Virtual: i.Text(), Physical: i.TextPhys(), Length: uint64(i.End() - i.Text())}
}

// ExecutableEnd returns the first address behind the executable segment that
// the image begins with, or Text if it does not begin with one.
func (i *Image) ExecutableEnd() oracle.Address {
	if first := i.Segments[0]; first.Executable {
		return first.End()
	}
	return i.Text()
}

// Ranges returns the physical memory of all segments.
func (i *Image) Ranges() []transport.Range {
	ranges := make([]transport.Range, len(i.Segments))
	for j, s := range i.Segments {
		ranges[j] = s.Range()
	}
	return ranges
}

// segments joins mappings that lie at the distance of the first from physical
// memory and agree in their permissions. Others are left out: without KASLR
// modules are mapped in the same gigabyte. The distance is a multiple of
// 2 MiB, as the image is first mapped by pages of that size
// (arch/x86/kernel/head_64.S, level2_kernel_pgt); if it is not, there is no
// image.
func segments(mappings []pagetable.Mapping) []Segment {
	var joined []Segment
	for _, m := range mappings {
		distance := uint64(m.Physical) - uint64(m.Virtual)
		if !m.WriteBack || distance%alignment != 0 || distance != uint64(mappings[0].Physical)-uint64(mappings[0].Virtual) {
			continue
		}
		if last := len(joined) - 1; last >= 0 && joined[last].End() == m.Virtual &&
			joined[last].Writable == m.Writable && joined[last].Executable == m.Executable {
			joined[last].Length += m.Size
			continue
		}
		joined = append(joined, Segment{m.Virtual, m.Physical, m.Size, m.Writable, m.Executable})
	}
	return joined
}
