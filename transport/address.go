package transport

import "fmt"

// PageSize is the size of an x86-64 base page in bytes. No read that crosses
// a multiple of it may reach a PCI Express link.
const PageSize = 4096

// Address is a physical address of the target, in bytes.
type Address uint64

// String returns the address in hexadecimal with a leading 0x.
func (a Address) String() string { return fmt.Sprintf("%#x", uint64(a)) }

// Page returns the address of the page that holds a.
func (a Address) Page() Address { return a &^ (PageSize - 1) }

// Range is the half-open range of physical addresses [Start, Start+Length).
type Range struct {
	Start  Address
	Length uint64
}

// End returns the first address behind the range. It saturates at the top of
// the address space instead of wrapping to zero.
func (r Range) End() Address {
	if end := r.Start + Address(r.Length); end >= r.Start {
		return end
	}
	return ^Address(0)
}

// Contains reports whether all of other lies inside r.
func (r Range) Contains(other Range) bool {
	return other.Start >= r.Start && other.End() <= r.End()
}

// String returns the range as /proc/iomem prints one, end inclusive.
func (r Range) String() string {
	if r.Length == 0 {
		return fmt.Sprintf("%s+0", r.Start)
	}
	return fmt.Sprintf("%s-%s", r.Start, r.End()-1)
}
