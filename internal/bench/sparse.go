package bench

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/barescope/barescope/transport"
)

// copySparse copies a file, leaving out its holes and the pages that are all
// zero. It returns how many bytes it wrote.
func copySparse(to, from string) (written uint64, err error) {
	in, err := os.Open(from)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	info, err := in.Stat()
	if err != nil {
		return 0, err
	}
	if err := out.Truncate(info.Size()); err != nil {
		return 0, err
	}
	for end := int64(0); ; {
		start, err := unix.Seek(int(in.Fd()), end, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) {
			return written, nil // nothing but a hole to the end
		}
		if err != nil {
			return written, fmt.Errorf("find data in %s: %w", from, err)
		}
		if end, err = unix.Seek(int(in.Fd()), start, unix.SEEK_HOLE); err != nil {
			return written, fmt.Errorf("find a hole in %s: %w", from, err)
		}
		n, err := copyPages(out, in, start, end)
		if written += n; err != nil {
			return written, err
		}
	}
}

// copyPages copies what is not zero of the bytes from start to end.
func copyPages(to io.WriterAt, from io.ReaderAt, start, end int64) (written uint64, err error) {
	var zero, page [transport.PageSize]byte
	for at := start; at < end; at += transport.PageSize {
		b := page[:min(end-at, transport.PageSize)]
		if _, err := from.ReadAt(b, at); err != nil {
			return written, err
		}
		if bytes.Equal(b, zero[:len(b)]) {
			continue
		}
		if _, err := to.WriteAt(b, at); err != nil {
			return written, err
		}
		written += uint64(len(b))
	}
	return written, nil
}
