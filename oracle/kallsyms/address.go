package kallsyms

import (
	"bytes"
	"fmt"

	"github.com/barescope/barescope/oracle"
)

// source is a place and an encoding that addresses may have.
type source struct {
	// label names the encoding, for errors.
	label string
	at    func(i int) oracle.Address
}

// sources returns what fits into the image. Up to 6.1 the addresses stand in
// front of the number of symbols, in later kernels behind the tokens.
func sources(image Image, n names, t *tokens) []source {
	size := align(4*n.count, 8)
	before := n.num &^ 7
	all := relativeTo(image, n, before-8-size, before-8)
	all = append(all, absolute(image, n, before-8*n.count)...)
	starts := []int{align(t.end, 8)}
	if t.end%8 != 0 {
		starts = append(starts, align(t.end, 4))
	}
	for _, start := range starts {
		all = append(all, relativeTo(image, n, start, align(start+4*n.count, 8))...)
		all = append(all, relativeToPlace(image, n, start)...)
		all = append(all, absolute(image, n, start)...)
	}
	return all
}

// absolute is a table of addresses: before 4.6, and later, up to 6.11, without
// CONFIG_KALLSYMS_BASE_RELATIVE.
func absolute(image Image, n names, start int) []source {
	d := data(image.Data)
	if !d.has(start, 8*n.count) {
		return nil
	}
	return []source{{"absolute", func(i int) oracle.Address { return oracle.Address(d.u64(start + 8*i)) }}}
}

// relativeTo is a table of offsets and the base that they are relative to,
// from 4.6 on. With CONFIG_KALLSYMS_ABSOLUTE_PERCPU only a negative offset is
// relative, and another is an address in the per-CPU area, which began at 0
// on x86-64 until 6.15.
func relativeTo(image Image, n names, start, base int) []source {
	d := data(image.Data)
	if !d.has(start, 4*n.count) || !d.has(base, 8) {
		return nil
	}
	from := oracle.Address(d.u64(base))
	return []source{
		{"base-relative", func(i int) oracle.Address { return from + oracle.Address(d.u32(start+4*i)) }},
		{"absolute-percpu", func(i int) oracle.Address {
			offset := int32(d.u32(start + 4*i))
			if offset >= 0 {
				return oracle.Address(offset)
			}
			return from - 1 - oracle.Address(int64(offset))
		}},
	}
}

// relativeToPlace is a table of offsets, each relative to where it stands,
// from 7.0 on.
func relativeToPlace(image Image, n names, start int) []source {
	d := data(image.Data)
	if !d.has(start, 4*n.count) {
		return nil
	}
	return []source{{"place-relative", func(i int) oracle.Address {
		place := start + 4*i
		return image.Base + oracle.Address(place) + oracle.Address(int64(int32(d.u32(place))))
	}}}
}

// locate gives the symbols their addresses from the one source that fits.
func (t *Table) locate(image Image, sources []source) error {
	var fit string
	for _, s := range sources {
		if !t.anchored(image, s) || !t.sorted(s) {
			continue
		}
		if fit != "" {
			return fmt.Errorf("addresses are %s or %s: %w", fit, s.label, ErrAmbiguous)
		}
		fit = s.label
		t.addresses = make([]oracle.Address, t.Len())
		for i := range t.addresses {
			t.addresses[i] = s.at(i)
		}
	}
	if fit == "" {
		return fmt.Errorf("%d names without addresses that fit: %w", t.Len(), ErrNotFound)
	}
	return nil
}

// textSlack is how far the executable pages may reach behind _etext: they are
// mapped by 2 MiB where the processor can.
const textSlack = 2 << 20

// banner is what linux_banner begins with.
var banner = []byte("Linux version ")

// anchored reports whether symbols lie where the image has what they name.
// The first symbol alone says little: many begin at _text, and a table that is
// read from a slot too far gives it the same address.
func (t *Table) anchored(image Image, s source) bool {
	start, ok := t.addressOf(s, "_text")
	if !ok {
		start, ok = t.addressOf(s, "_stext")
	}
	if !ok || start != image.Text {
		return false
	}
	if a, ok := t.addressOf(s, "linux_banner"); ok {
		offset := a - image.Base
		return offset < oracle.Address(len(image.Data)) && bytes.HasPrefix(image.Data[offset:], banner)
	}
	end, ok := t.addressOf(s, "_etext")
	return ok && end <= image.TextEnd && image.TextEnd-end < textSlack
}

// addressOf returns the address that a source gives to a name.
func (t *Table) addressOf(s source, name string) (oracle.Address, bool) {
	for i := range t.named(name) {
		return s.at(i), true
	}
	return 0, false
}

// sorted reports whether addresses never descend, as the kernel's own search
// in the table demands.
func (t *Table) sorted(s source) bool {
	for i := 1; i < t.Len(); i++ {
		if s.at(i-1) > s.at(i) {
			return false
		}
	}
	return true
}
