package dump

import (
	"fmt"
	"slices"
	"strings"

	"github.com/barescope/barescope/transport"
)

// Format is how a file holds memory.
type Format string

const (
	// Raw is memory as it lies: the offset in the file is the physical
	// address. What is not memory is a hole.
	Raw Format = "raw"
	// LiME is the format of the Linux Memory Extractor: each range behind a
	// header with its addresses.
	LiME Format = "lime"
	// ELF is a core dump of the kernel as /proc/vmcore is one.
	ELF Format = "elf"
)

var formats = []string{string(Raw), string(LiME), string(ELF)}

// Formats returns the names of all formats.
func Formats() []string { return slices.Clone(formats) }

// ParseFormat returns the format of a name, or an error wrapping
// [ErrBadOptions].
func ParseFormat(name string) (Format, error) {
	if !slices.Contains(formats, name) {
		return "", fmt.Errorf("%w: format %q is none of %s", ErrBadOptions, name, strings.Join(formats, ", "))
	}
	return Format(name), nil
}

// layout says where in a file what lies. Between its parts are holes.
type layout struct {
	parts []part // ascending
	size  uint64 // of the file
}

// part is a stretch of a file: a header, or memory when text is nil.
type part struct {
	offset uint64
	text   []byte
	memory transport.Range
}

// end returns the offset behind a part.
func (p *part) end() uint64 { return p.offset + uint64(len(p.text)) + p.memory.Length }

// maxSize is the longest file there can be.
const maxSize = 1<<63 - 1

// newLayout lays ranges out. They must be ascending and disjoint. The error
// wraps [ErrBadOptions].
func newLayout(f Format, ranges []transport.Range, c Core) (*layout, error) {
	if len(ranges) == 0 {
		return nil, fmt.Errorf("%w: no memory to dump", ErrBadOptions)
	}
	var parts []part
	switch f {
	case Raw:
		for _, r := range ranges {
			parts = append(parts, part{offset: uint64(r.Start), memory: r})
		}
	case LiME:
		parts = limeParts(ranges)
	case ELF:
		var err error
		if parts, err = coreParts(ranges, c); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("%w: unknown format %q", ErrBadOptions, f)
	}
	l := &layout{parts: parts}
	for i := range parts {
		if end := parts[i].end(); end <= parts[i].offset || end > maxSize {
			return nil, fmt.Errorf("%w: memory up to %s does not fit into a %s file", ErrBadOptions, ranges[len(ranges)-1].End(), f)
		}
		l.size = parts[i].end()
	}
	return l, nil
}
