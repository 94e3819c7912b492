package tlp

import (
	"encoding/binary"
	"fmt"
	"time"
)

// HeaderSize is the size in bytes of the NetTLP header that precedes the TLP
// in every datagram.
const HeaderSize = 6

// TickRate is how often in a second the clock behind Header.Timestamp ticks:
// once in 6.4 ns, hence it wraps after 27.5 s.
const TickRate = 156_250_000

// Header is the NetTLP header of a datagram. An adapter ignores it in
// requests, where it is zero.
type Header struct {
	// Sequence counts all TLPs that the adapter sent on all of its ports.
	// A gap shows a loss, but only to who sees every port.
	Sequence uint16
	// Timestamp is the adapter's clock when it sent the TLP, in ticks of
	// 1/[TickRate] seconds.
	Timestamp uint32
}

// Ticks converts a duration to the ticks of Header.Timestamp, wrapped as the
// adapter's 32-bit clock wraps.
func Ticks(d time.Duration) uint32 {
	// 6.4 ns is 32/5 ns. Dividing in this order keeps the product below
	// 2^63 for more than fifty years.
	return uint32(uint64(d.Nanoseconds()) * 5 / 32)
}

// Append appends the encoded header to b.
func (h Header) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, h.Sequence)
	return binary.BigEndian.AppendUint32(b, h.Timestamp)
}

// DecodeHeader splits a datagram into its NetTLP header and the TLP behind
// it. A datagram without a complete header is [ErrShort].
func DecodeHeader(datagram []byte) (Header, []byte, error) {
	if len(datagram) < HeaderSize {
		return Header{}, nil, fmt.Errorf("NetTLP header in %d bytes: %w", len(datagram), ErrShort)
	}
	return Header{
		Sequence:  binary.BigEndian.Uint16(datagram),
		Timestamp: binary.BigEndian.Uint32(datagram[2:]),
	}, datagram[HeaderSize:], nil
}
