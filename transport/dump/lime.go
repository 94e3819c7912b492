package dump

import (
	"encoding/binary"

	"github.com/barescope/barescope/transport"
)

// The header that LiME puts before each range (lime_mem_range_header in its
// documentation): magic, version, first and last address, eight bytes of zeros,
// all little-endian.
const (
	limeMagic      = 0x4c694d45
	limeVersion    = 1
	limeHeaderSize = 32
)

func limeHeader(r transport.Range) []byte {
	b := make([]byte, 0, limeHeaderSize)
	b = binary.LittleEndian.AppendUint32(b, limeMagic)
	b = binary.LittleEndian.AppendUint32(b, limeVersion)
	b = binary.LittleEndian.AppendUint64(b, uint64(r.Start))
	b = binary.LittleEndian.AppendUint64(b, uint64(r.End()-1))
	return append(b, 0, 0, 0, 0, 0, 0, 0, 0)
}

func limeParts(ranges []transport.Range) []part {
	var parts []part
	at := uint64(0)
	for _, r := range ranges {
		parts = append(parts, part{offset: at, text: limeHeader(r)}, part{offset: at + limeHeaderSize, memory: r})
		at += limeHeaderSize + r.Length
	}
	return parts
}
