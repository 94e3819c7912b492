package tlp

import (
	"encoding/binary"
	"fmt"

	"github.com/barescope/barescope/transport"
)

const (
	// CompletionHeaderSize is the size in bytes of a completion without
	// its data.
	CompletionHeaderSize = 12

	lowerAddressMask = 0x7f
	digestBit        = 0x80 // TD: a dword of ECRC follows the data
	poisonBit        = 0x40 // EP: the completer knows that the data is bad
)

// Completion is an answer to a memory read: data, or the reason why there is
// none. A read is answered by one or many completions with data, in the order
// of their addresses, or by data and then an error for the rest.
type Completion struct {
	// Completer is the ID of who answers.
	Completer ID
	// Requester and Tag are those of the read that is answered.
	Requester ID
	Tag       uint8
	// Status is [SC] exactly if there is data.
	Status Status
	// ByteCount is how many bytes of the read are still to come, those of
	// this completion included: 1 to [MaxRead].
	ByteCount int
	// LowerAddress is the low seven bits of the address of the first byte.
	LowerAddress uint8
	// Data has the wanted bytes only: the unwanted ones that fill the first
	// and last dword on the wire are cut off. It is empty unless Status is
	// SC, and aliases the packet that was decoded.
	Data []byte
}

// AppendBinary appends the encoded TLP to b, with zeroes where the first and
// last dword hold no wanted byte. A completion that contradicts itself leaves
// b as it is and is [ErrMalformed].
func (c Completion) AppendBinary(b []byte) ([]byte, error) {
	head, fill, err := c.padding()
	if err != nil {
		return b, err
	}
	kind, dwords := Cpl, (head+len(c.Data)+fill)/dword
	if c.Status == SC {
		kind = CplD
	}
	b = append(b, byte(kind), 0)
	b = binary.BigEndian.AppendUint16(b, uint16(dwords%maxDwords)) // 1024 is encoded as 0
	b = binary.BigEndian.AppendUint16(b, uint16(c.Completer))
	b = binary.BigEndian.AppendUint16(b, uint16(c.Status)<<13|uint16(c.ByteCount%MaxRead))
	b = binary.BigEndian.AppendUint16(b, uint16(c.Requester))
	b = append(b, c.Tag, c.LowerAddress)
	b = append(b, make([]byte, head)...)
	b = append(b, c.Data...)
	return append(b, make([]byte, fill)...), nil
}

// padding checks c and returns how many bytes fill its data up to whole
// dwords in front and behind.
func (c Completion) padding() (head, fill int, err error) {
	if c.ByteCount < 1 || c.ByteCount > MaxRead || c.Status > 7 || c.LowerAddress > lowerAddressMask {
		return 0, 0, fmt.Errorf("byte count %d, %s, lower address %#x: %w", c.ByteCount, c.Status, c.LowerAddress, ErrMalformed)
	}
	if (c.Status == SC) != (len(c.Data) > 0) || len(c.Data) > c.ByteCount {
		return 0, 0, fmt.Errorf("%s with %d bytes of %d: %w", c.Status, len(c.Data), c.ByteCount, ErrMalformed)
	}
	if c.Status != SC {
		return 0, 0, nil
	}
	head = int(c.LowerAddress % dword)
	fill = -(head + len(c.Data)) & (dword - 1)
	if fill != 0 && len(c.Data) < c.ByteCount || head+len(c.Data)+fill > MaxRead {
		return 0, 0, fmt.Errorf("%d bytes of %d at lower address %#x: %w", len(c.Data), c.ByteCount, c.LowerAddress, ErrMalformed)
	}
	return head, fill, nil
}

// DecodeCompletion decodes a completion. Data aliases packet, which must hold
// the TLP, the digest that may follow it, and nothing else: IP cuts Ethernet
// padding off before a client sees it, so a datagram that is longer or shorter
// than its TLP went through an overrun queue.
//
// The error wraps [ErrShort] or [ErrMalformed], or is a [KindError]. A
// successful completion without data answers requests that this package
// cannot make, and is malformed; so is data that the completer marked as
// poisoned.
func DecodeCompletion(packet []byte) (Completion, error) {
	kind, err := KindOf(packet)
	if err != nil {
		return Completion{}, err
	}
	if kind != Cpl && kind != CplD {
		return Completion{}, KindError{kind}
	}
	if len(packet) < CompletionHeaderSize {
		return Completion{}, fmt.Errorf("%s in %d bytes: %w", kind, len(packet), ErrShort)
	}
	c, err := decodeCompletionHeader(kind, packet)
	if err != nil {
		return Completion{}, err
	}
	payload, err := completionPayload(kind, packet)
	if err != nil {
		return Completion{}, err
	}
	if kind == Cpl {
		return c, nil
	}
	if c.Data, err = c.wanted(payload); err != nil {
		return Completion{}, err
	}
	return c, nil
}

// decodeCompletionHeader decodes the three dwords of the header.
func decodeCompletionHeader(kind Kind, packet []byte) (Completion, error) {
	count := binary.BigEndian.Uint16(packet[6:])
	c := Completion{
		Completer:    ID(binary.BigEndian.Uint16(packet[4:])),
		Status:       Status(count >> 13),
		ByteCount:    int(count & 0xfff),
		Requester:    ID(binary.BigEndian.Uint16(packet[8:])),
		Tag:          packet[10],
		LowerAddress: packet[11] & lowerAddressMask,
	}
	if c.ByteCount == 0 {
		c.ByteCount = MaxRead
	}
	if (kind == CplD) != (c.Status == SC) {
		return Completion{}, fmt.Errorf("%s with status %s: %w", kind, c.Status, ErrMalformed)
	}
	// BCM changes what the byte count means; only PCI-X bridges set it.
	if count&0x1000 != 0 {
		return Completion{}, fmt.Errorf("%s with a PCI-X byte count: %w", kind, ErrMalformed)
	}
	if kind == CplD && packet[2]&poisonBit != 0 {
		return Completion{}, fmt.Errorf("%s with poisoned data: %w", kind, ErrMalformed)
	}
	return c, nil
}

// completionPayload returns the dwords behind the header, without a digest,
// and checks that the packet is as long as its header says. The digest that
// the header announces may be missing: the card computes the UDP length from
// the length field alone.
func completionPayload(kind Kind, packet []byte) ([]byte, error) {
	size, digest := CompletionHeaderSize, 0
	if kind == CplD {
		size += decodeLength(packet) * dword
	}
	if packet[2]&digestBit != 0 {
		digest = dword
	}
	switch extra := len(packet) - size; {
	case extra < 0:
		return nil, fmt.Errorf("%s in %d bytes of %d: %w", kind, len(packet), size, ErrShort)
	case extra != 0 && extra != digest:
		return nil, fmt.Errorf("%s of %d bytes in %d: %w", kind, size, len(packet), ErrMalformed)
	}
	return packet[CompletionHeaderSize:size:size], nil
}

// wanted cuts the unwanted bytes off the payload. The last completion of a
// read has all of the ByteCount bytes and no dword more than they fill.
func (c Completion) wanted(payload []byte) ([]byte, error) {
	data := payload[c.LowerAddress%dword:]
	if len(data) < c.ByteCount {
		return data, nil
	}
	if len(data)-c.ByteCount >= dword {
		return nil, fmt.Errorf("%d bytes of data for a byte count of %d: %w", len(data), c.ByteCount, ErrMalformed)
	}
	return data[:c.ByteCount:c.ByteCount], nil
}

// Place returns where in the data of r the completion's data belongs, as an
// offset in bytes. A completion that answers another request is
// [ErrMismatch]: wrong requester or tag, a byte count above the length of
// the read, or data from an address that is not the one at the offset.
func (r MemoryRead) Place(c Completion) (int, error) {
	offset := r.Length - c.ByteCount
	switch {
	case c.Requester != r.Requester || c.Tag != r.Tag:
		return 0, fmt.Errorf("requester %s tag %d, want %s tag %d: %w", c.Requester, c.Tag, r.Requester, r.Tag, ErrMismatch)
	case offset < 0:
		return 0, fmt.Errorf("byte count %d of a read of %d: %w", c.ByteCount, r.Length, ErrMismatch)
	case c.Status == SC && uint8(r.Address+transport.Address(offset))&lowerAddressMask != c.LowerAddress:
		return 0, fmt.Errorf("lower address %#x at offset %d of %s: %w", c.LowerAddress, offset, r.Address, ErrMismatch)
	}
	return offset, nil
}
