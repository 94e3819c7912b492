package btf

import (
	"encoding/binary"
	"fmt"

	"github.com/barescope/barescope/oracle/layout"
)

// HeaderSize is how many bytes of a blob Size needs.
const HeaderSize = 24

const (
	magic   = 0xeb9f
	version = 1
	// maxSize bounds a blob: distributions' kernels have 3 to 6 MiB.
	maxSize = 64 << 20
)

// header is the part of struct btf_header that says where the sections are.
// Offsets count from the end of the header.
type header struct {
	length                                     uint32
	typeOffset, typeSize, textOffset, textSize uint32
}

// Size returns the size in bytes of the blob that begins with these bytes:
// its header, its types and its strings. It returns an error wrapping
// layout.ErrMalformed when they are no header of little-endian BTF, or when
// the size is out of all proportion.
func Size(b []byte) (uint64, error) {
	h, err := parseHeader(b)
	if err != nil {
		return 0, err
	}
	return h.size(), nil
}

func (h header) size() uint64 {
	types := uint64(h.typeOffset) + uint64(h.typeSize)
	texts := uint64(h.textOffset) + uint64(h.textSize)
	return uint64(h.length) + max(types, texts)
}

func parseHeader(b []byte) (header, error) {
	if len(b) < HeaderSize {
		return header{}, malformed("%d bytes are no BTF header", len(b))
	}
	order := binary.LittleEndian
	if order.Uint16(b) != magic || b[2] != version {
		return header{}, malformed("BTF header begins with % x", b[:4])
	}
	h := header{
		length:     order.Uint32(b[4:]),
		typeOffset: order.Uint32(b[8:]),
		typeSize:   order.Uint32(b[12:]),
		textOffset: order.Uint32(b[16:]),
		textSize:   order.Uint32(b[20:]),
	}
	if h.length < HeaderSize {
		return header{}, malformed("BTF header of %d bytes", h.length)
	}
	if h.size() > maxSize {
		return header{}, malformed("BTF of %d bytes", h.size())
	}
	return h, nil
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), layout.ErrMalformed)
}
