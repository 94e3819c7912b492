package kallsyms

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/barescope/barescope/oracle"
)

var (
	// ErrNotFound means that the read-only data holds no symbol table, or
	// none that fits the image it came from.
	ErrNotFound = errors.New("no kernel symbol table found")
	// ErrAmbiguous means that the table can be read in more than one way.
	ErrAmbiguous = errors.New("kernel symbol table is ambiguous")
)

// Image is what is known of the kernel image in memory.
type Image struct {
	// Base is the address of the first byte of Data, a multiple of 8.
	Base oracle.Address
	// Data is the kernel's read-only data, or more of the image.
	Data []byte
	// Text is the address of the image's first byte, _text.
	Text oracle.Address
	// TextEnd is the end of the image's executable pages. It is needed for
	// a table without the symbol linux_banner only.
	TextEnd oracle.Address
}

// Parse finds the symbol table in an image. Its errors wrap ErrNotFound or
// ErrAmbiguous; with an error there is no table.
func Parse(image Image) (*Table, error) {
	if image.Base%8 != 0 {
		return nil, fmt.Errorf("image begins at %s, which is no multiple of 8: %w", image.Base, ErrNotFound)
	}
	found := findTokens(image.Data)
	if len(found) == 0 {
		return nil, fmt.Errorf("%d bytes without a token table: %w", len(image.Data), ErrNotFound)
	}
	var table *Table
	var reasons []error
	for _, t := range found {
		next, err := parseAt(image, t)
		switch {
		case errors.Is(err, ErrAmbiguous):
			return nil, err
		case err != nil:
			reasons = append(reasons, err)
		case table != nil:
			return nil, fmt.Errorf("two token tables fit: %w", ErrAmbiguous)
		default:
			table = next
		}
	}
	if table == nil {
		return nil, errors.Join(reasons...)
	}
	return table, nil
}

// parseAt reads the table that a token table belongs to.
func parseAt(image Image, t *tokens) (*Table, error) {
	n, err := findNames(image.Data, t)
	if err != nil {
		return nil, err
	}
	table, err := n.decode(image.Data, t)
	if err != nil {
		return nil, err
	}
	err = table.locate(image, sources(image, n, t))
	if err != nil {
		return nil, err
	}
	return table, nil
}

// data gives checked access to little-endian words.
type data []byte

func (d data) has(offset, length int) bool {
	return offset >= 0 && length >= 0 && offset <= len(d) && length <= len(d)-offset
}

func (d data) u16(offset int) int { return int(binary.LittleEndian.Uint16(d[offset:])) }

func (d data) u32(offset int) uint32 { return binary.LittleEndian.Uint32(d[offset:]) }

func (d data) u64(offset int) uint64 { return binary.LittleEndian.Uint64(d[offset:]) }

// align rounds an offset up to a multiple of a power of two.
func align(offset, to int) int { return (offset + to - 1) &^ (to - 1) }
