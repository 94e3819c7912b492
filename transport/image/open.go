package image

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/barescope/barescope/transport"
)

// Format is how a file holds memory.
type Format string

const (
	// Detect tells the format by the file's first bytes.
	Detect Format = ""
	// Raw files hold nothing but memory.
	Raw Format = "raw"
	// LiME files hold ranges of memory, each behind a header with its
	// addresses, as the LiME kernel module writes them.
	LiME Format = "lime"
	// ELF files are core dumps whose segments have physical addresses.
	ELF Format = "elf"
)

// Options say how a file is to be understood.
type Options struct {
	// Format of the file.
	Format Format
	// Pieces say where in a raw file which memory lies; without them it is
	// the memory from physical address 0 on. No other format takes them.
	Pieces []Piece
}

// Open opens a file of physical memory. The error wraps
// [transport.ErrBadTarget] when there is no such file or it is not
// understood.
func Open(path string, o Options) (*Image, error) {
	file, size, err := openFile(path)
	if err != nil {
		return nil, err
	}
	m, err := Parse(file, size, o)
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// openFile opens what has a size: opening a FIFO would wait for its writer.
func openFile(path string) (*os.File, uint64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", transport.ErrBadTarget, err)
	}
	if mode := info.Mode(); !mode.IsRegular() && mode&(fs.ModeDevice|fs.ModeCharDevice) != fs.ModeDevice {
		return nil, 0, fmt.Errorf("%w: %s is neither a regular file nor a block device", transport.ErrBadTarget, path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", transport.ErrBadTarget, err)
	}
	size, err := file.Seek(0, io.SeekEnd) // Stat says 0 of a block device
	if err != nil {
		file.Close()
		return nil, 0, fmt.Errorf("%w: size of %s: %w", transport.ErrBadTarget, path, err)
	}
	return file, uint64(size), nil
}

// Parse returns the memory in a file of size bytes. The error wraps
// [transport.ErrBadTarget].
func Parse(file io.ReaderAt, size uint64, o Options) (*Image, error) {
	format, err := formatOf(file, o)
	if err != nil {
		return nil, err
	}
	pieces := o.Pieces
	switch format {
	case Raw:
		if len(pieces) == 0 && size > 0 {
			pieces = []Piece{{Length: size}}
		}
	case LiME:
		pieces, err = parseLiME(file, size)
	case ELF:
		pieces, err = parseELF(file, size)
	default:
		return nil, fmt.Errorf("%w: unknown image format %q; there are %s, %s and %s", transport.ErrBadTarget, format, Raw, LiME, ELF)
	}
	if err != nil {
		return nil, err
	}
	return New(file, size, pieces...)
}

func formatOf(file io.ReaderAt, o Options) (Format, error) {
	switch {
	case len(o.Pieces) > 0 && o.Format != Detect && o.Format != Raw:
		return Detect, fmt.Errorf("%w: only a raw image takes pieces", transport.ErrBadTarget)
	case len(o.Pieces) > 0:
		return Raw, nil
	case o.Format != Detect:
		return o.Format, nil
	}
	return detect(file)
}

// detect tells a file's format by its first bytes. What has no known magic is
// raw. Dumps of formats that are not understood are refused by name, since
// as raw memory they would only show that no kernel is found.
func detect(file io.ReaderAt) (Format, error) {
	var start [16]byte
	if n, err := file.ReadAt(start[:], 0); n < len(start) && err != io.EOF {
		return Detect, fmt.Errorf("%w: reading the file's first bytes: %w", transport.ErrBadTarget, err)
	}
	for _, m := range magics {
		if bytes.HasPrefix(start[:], []byte(m.bytes)) {
			if m.refusal != "" {
				return Detect, fmt.Errorf("%w: %s", transport.ErrBadTarget, m.refusal)
			}
			return m.format, nil
		}
	}
	return Raw, nil
}

var magics = []struct {
	bytes   string
	format  Format
	refusal string
}{
	{bytes: "EMiL", format: LiME},
	{bytes: "\x7fELF", format: ELF},
	{bytes: "BSCPREC", refusal: "this is a recording; open it as replay://"},
	{bytes: "KDUMP   ", refusal: "a compressed kdump is not understood; have makedumpfile write ELF (-E)"},
	{bytes: "DISKDUMP", refusal: "a diskdump is not understood; have makedumpfile write ELF (-E)"},
	{bytes: "makedumpfile", refusal: "a flattened dump is not understood; rearrange it with makedumpfile -R"},
}
