package image

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/barescope/barescope/transport"
)

// limeHeader stands before each range of a LiME file, little-endian. The
// layout is that of lime_mem_range_header in LiME's documentation.
type limeHeader struct {
	Magic   uint32
	Version uint32
	Start   uint64
	Last    uint64 // address of the last byte, not the one behind it
	_       [8]byte
}

const (
	limeMagic      = 0x4c694d45
	limeHeaderSize = 32
)

// parseLiME returns where the ranges of a LiME file lie. The error wraps
// [transport.ErrBadTarget].
func parseLiME(file io.ReaderAt, size uint64) ([]Piece, error) {
	var pieces []Piece
	for at := uint64(0); at < size; {
		if len(pieces) == maxPieces {
			return nil, fmt.Errorf("%w: LiME file has more than %d ranges", transport.ErrBadTarget, maxPieces)
		}
		h, err := readLiMEHeader(file, at, size)
		if err != nil {
			return nil, err
		}
		p := Piece{Physical: transport.Address(h.Start), Offset: at + limeHeaderSize, Length: h.Last - h.Start + 1}
		if h.Last < h.Start || p.check() != nil {
			return nil, fmt.Errorf("%w: LiME header at offset %#x: no range from %#x to %#x",
				transport.ErrBadTarget, at, h.Start, h.Last)
		}
		pieces = append(pieces, p)
		at = p.Offset + p.Length
	}
	return pieces, nil
}

func readLiMEHeader(file io.ReaderAt, at, size uint64) (limeHeader, error) {
	var h limeHeader
	if size-at < limeHeaderSize {
		return h, fmt.Errorf("%w: file is truncated: it ends within the LiME header at offset %#x", transport.ErrBadTarget, at)
	}
	if err := decodeAt(file, at, limeHeaderSize, &h); err != nil {
		return h, err
	}
	switch {
	case h.Magic != limeMagic:
		return h, fmt.Errorf("%w: no LiME header at offset %#x", transport.ErrBadTarget, at)
	case h.Version != 1: // AVML writes its compressed ranges as version 2
		return h, fmt.Errorf("%w: LiME header at offset %#x has version %d, only 1 is understood",
			transport.ErrBadTarget, at, h.Version)
	}
	return h, nil
}

// decodeAt reads a little-endian structure of size bytes at an offset.
func decodeAt(file io.ReaderAt, at uint64, size int, into any) error {
	buf := make([]byte, size)
	if n, err := file.ReadAt(buf, int64(at)); n < size {
		return fmt.Errorf("%w: reading %d bytes at offset %#x: %w", transport.ErrBadTarget, size, at, err)
	}
	if _, err := binary.Decode(buf, binary.LittleEndian, into); err != nil {
		return fmt.Errorf("%w: decoding %d bytes at offset %#x: %w", transport.ErrBadTarget, size, at, err)
	}
	return nil
}
