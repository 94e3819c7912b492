package tlp

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/barescope/barescope/transport"
)

const (
	// MaxRead is the most that one request can ask for, in bytes.
	MaxRead = 4096
	// MaxReadSize is the size in bytes of the longest encoded request,
	// without the NetTLP header.
	MaxReadSize = 16

	dword     = 4
	maxDwords = MaxRead / dword
	// limit32 is the first address that needs the four dword header.
	limit32 = transport.Address(1) << 32
)

// MemoryRead is a memory read request (MRd).
type MemoryRead struct {
	// Requester is the ID under which the adapter card asks.
	Requester ID
	// Tag tells the reads of a requester apart.
	Tag uint8
	// Address is that of the first byte wanted, with any alignment.
	Address transport.Address
	// Length is the number of bytes wanted, 1 to [MaxRead].
	Length int
}

// CrossesPage reports whether the read crosses a 4 KiB boundary, which
// section 2.2.7 forbids. Hardware never answers such a read.
func (r MemoryRead) CrossesPage() bool {
	return uint64(r.Address)%transport.PageSize+uint64(r.Length) > transport.PageSize
}

// Validate returns an error wrapping [ErrBadRead] unless the read can be sent.
func (r MemoryRead) Validate() error {
	switch {
	case r.Length < 1 || r.Length > MaxRead:
		return fmt.Errorf("length %d: %w", r.Length, ErrBadRead)
	case r.CrossesPage():
		return fmt.Errorf("%d bytes at %s cross a 4 KiB boundary: %w", r.Length, r.Address, ErrBadRead)
	}
	return nil
}

// AppendBinary appends the encoded TLP to b: 12 bytes below 4 GiB, 16 from
// there on. A read that cannot be sent leaves b as it is; the error is that
// of [MemoryRead.Validate].
func (r MemoryRead) AppendBinary(b []byte) ([]byte, error) {
	if err := r.Validate(); err != nil {
		return b, err
	}
	kind := MRd32
	if r.Address >= limit32 {
		kind = MRd64
	}
	first, last, dwords := r.enables()
	b = append(b, byte(kind), 0)
	b = binary.BigEndian.AppendUint16(b, uint16(dwords%maxDwords)) // 1024 is encoded as 0
	b = binary.BigEndian.AppendUint16(b, uint16(r.Requester))
	b = append(b, r.Tag, last<<4|first)
	aligned := uint64(r.Address) &^ (dword - 1)
	if kind == MRd64 {
		return binary.BigEndian.AppendUint64(b, aligned), nil
	}
	return binary.BigEndian.AppendUint32(b, uint32(aligned)), nil
}

// enables returns the byte enables of the first and last dword and the number
// of dwords. With one dword, last is zero and first tells both ends (section
// 2.2.5).
func (r MemoryRead) enables() (first, last uint8, dwords int) {
	head := int(r.Address % dword)
	dwords = (head + r.Length + dword - 1) / dword
	tail := dwords*dword - head - r.Length // disabled bytes at the end
	first = 0xf << head & 0xf
	last = 0xf >> tail
	if dwords == 1 {
		return first & last, 0, 1
	}
	return first, last, dwords
}

// DecodeMemoryRead decodes a memory read request. Bytes behind the TLP are
// ignored: an adapter sees the padding of short Ethernet frames there.
//
// A read that crosses a 4 KiB boundary decodes, since it is up to the
// completer to ignore it. The error wraps [ErrShort] or [ErrMalformed], or is
// a [KindError]. Byte enables with gaps, or with no byte enabled at all, are
// legal in PCI Express but not here, and malformed.
func DecodeMemoryRead(packet []byte) (MemoryRead, error) {
	kind, err := KindOf(packet)
	if err != nil {
		return MemoryRead{}, err
	}
	if kind != MRd32 && kind != MRd64 {
		return MemoryRead{}, KindError{kind}
	}
	size := 12 + int(kind.Format())*dword
	if len(packet) < size {
		return MemoryRead{}, fmt.Errorf("MRd in %d bytes of %d: %w", len(packet), size, ErrShort)
	}
	address, err := decodeAddress(kind, packet[8:size])
	if err != nil {
		return MemoryRead{}, err
	}
	head, length, err := decodeEnables(packet[7]&0xf, packet[7]>>4, decodeLength(packet))
	if err != nil {
		return MemoryRead{}, err
	}
	return MemoryRead{
		Requester: ID(binary.BigEndian.Uint16(packet[4:])),
		Tag:       packet[6],
		Address:   address + transport.Address(head),
		Length:    length,
	}, nil
}

// decodeLength returns the length field in dwords; 0 encodes 1024.
func decodeLength(packet []byte) int {
	n := int(binary.BigEndian.Uint16(packet[2:]) & 0x3ff)
	if n == 0 {
		return maxDwords
	}
	return n
}

// decodeAddress returns the dword's address. Its low two bits carry a
// processing hint, not address (section 2.2.7.1).
func decodeAddress(kind Kind, b []byte) (transport.Address, error) {
	if kind == MRd32 {
		return transport.Address(binary.BigEndian.Uint32(b) &^ 3), nil
	}
	a := transport.Address(binary.BigEndian.Uint64(b) &^ 3)
	if a < limit32 {
		return 0, fmt.Errorf("address %s below 4 GiB in a four dword header: %w", a, ErrMalformed)
	}
	return a, nil
}

// decodeEnables returns how many bytes of the first dword are not wanted, and
// the number of bytes that are.
func decodeEnables(first, last uint8, dwords int) (head, length int, err error) {
	lastUsed := last
	if dwords == 1 {
		lastUsed = first
	}
	head = bits.TrailingZeros8(first)
	tail := bits.LeadingZeros8(lastUsed << 4)
	read := MemoryRead{Address: transport.Address(head), Length: dwords*dword - head - tail}
	f, l, _ := read.enables() // what the ends would be without a gap
	if first == 0 || lastUsed == 0 || f != first || l != last {
		return 0, 0, fmt.Errorf("byte enables %#x, %#x of %d dwords: %w", first, last, dwords, ErrMalformed)
	}
	return head, read.Length, nil
}
