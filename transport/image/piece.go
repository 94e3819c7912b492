package image

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/barescope/barescope/transport"
)

// Piece says that Length bytes of a file, from Offset on, are the memory at
// Physical.
type Piece struct {
	Physical       transport.Address
	Offset, Length uint64
}

// maxPieces bounds how many pieces an image may have: more than the map of any
// machine, few enough to keep in memory.
const maxPieces = 1 << 20

// String returns the piece as [ParsePiece] takes it.
func (p Piece) String() string { return fmt.Sprintf("%s:%#x:%#x", p.Physical, p.Offset, p.Length) }

// Range returns the memory that the piece holds.
func (p Piece) Range() transport.Range { return transport.Range{Start: p.Physical, Length: p.Length} }

// ParsePiece parses PHYS:OFFSET:LENGTH, each in decimal or with a leading 0x
// in hexadecimal. The error wraps [transport.ErrBadTarget].
func ParsePiece(s string) (Piece, error) {
	fields := strings.Split(s, ":")
	if len(fields) != 3 {
		return Piece{}, fmt.Errorf("%w: piece %q is not PHYS:OFFSET:LENGTH", transport.ErrBadTarget, s)
	}
	var n [3]uint64
	for i, field := range fields {
		v, err := strconv.ParseUint(field, 0, 64)
		if err != nil {
			return Piece{}, fmt.Errorf("%w: piece %q: %q is not a number", transport.ErrBadTarget, s, field)
		}
		n[i] = v
	}
	p := Piece{Physical: transport.Address(n[0]), Offset: n[1], Length: n[2]}
	if err := p.check(); err != nil {
		return Piece{}, err
	}
	return p, nil
}

// ParsePieces parses pieces that are joined by commas. The error is that of
// [ParsePiece].
func ParsePieces(s string) ([]Piece, error) {
	var pieces []Piece
	for field := range strings.SplitSeq(s, ",") {
		p, err := ParsePiece(field)
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, p)
	}
	return pieces, nil
}

// check returns an error for a piece that is empty or wraps.
func (p Piece) check() error {
	switch {
	case p.Length == 0:
		return fmt.Errorf("%w: piece %s is empty", transport.ErrBadTarget, p)
	case uint64(p.Physical)+p.Length <= uint64(p.Physical):
		return fmt.Errorf("%w: piece %s wraps around the address space", transport.ErrBadTarget, p)
	case p.Offset+p.Length < p.Offset:
		return fmt.Errorf("%w: piece %s wraps around the file", transport.ErrBadTarget, p)
	}
	return nil
}

// arrange sorts pieces by address and checks them against each other and the
// size of the file.
func arrange(pieces []Piece, size uint64) ([]Piece, error) {
	if len(pieces) > maxPieces {
		return nil, fmt.Errorf("%w: %d pieces of memory, more than %d", transport.ErrBadTarget, len(pieces), maxPieces)
	}
	sorted := slices.Clone(pieces)
	slices.SortFunc(sorted, func(a, b Piece) int { return cmp.Compare(a.Physical, b.Physical) })
	for i, p := range sorted {
		if err := p.check(); err != nil {
			return nil, err
		}
		if end := p.Offset + p.Length; end > size {
			return nil, fmt.Errorf("%w: file is truncated: the memory at %s ends at offset %#x, the file at %#x",
				transport.ErrBadTarget, p.Physical, end, size)
		}
		if i > 0 && sorted[i-1].Range().End() > p.Physical {
			return nil, fmt.Errorf("%w: pieces %s and %s overlap", transport.ErrBadTarget, sorted[i-1], p)
		}
	}
	return sorted, nil
}
