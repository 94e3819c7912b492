package dump

import (
	"bytes"
	"context"
	"hash"
	"io"

	"github.com/barescope/barescope/transport"
)

// file is what a sink writes to. An os.File is one.
type file interface {
	io.WriterAt
	io.Closer
	Truncate(size int64) error
	Sync() error
}

// sink is a file that is written from its start to its end, and the hash of
// what was written. Blocks of zeros are not written: in a file that has
// nothing behind offset they read as zeros all the same, and take no space.
type sink struct {
	file   file
	hash   hash.Hash
	offset uint64
	stored uint64 // bytes that are no hole
}

// zeros is what holes are hashed as.
var zeros [1 << 20]byte

// skip leaves a hole up to an offset. The error is the context's.
func (s *sink) skip(ctx context.Context, to uint64) error {
	for s.offset < to {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(to-s.offset, uint64(len(zeros)))
		_, _ = s.hash.Write(zeros[:n]) // never fails
		s.offset += n
	}
	return nil
}

// write appends data. What of it lies in blocks of the file that are all zeros
// becomes a hole.
func (s *sink) write(data []byte) error {
	start := 0 // of what is to be written, up to where blocks were looked at
	for at := 0; at < len(data); {
		end := min(len(data), at+blockLeft(s.offset+uint64(at)))
		if bytes.Equal(data[at:end], zeros[:end-at]) {
			if err := s.store(data, start, at); err != nil {
				return err
			}
			start = end
		}
		at = end
	}
	if err := s.store(data, start, len(data)); err != nil {
		return err
	}
	_, _ = s.hash.Write(data) // never fails
	s.offset += uint64(len(data))
	return nil
}

// blockLeft returns how much of a block of the file is left from an offset on.
func blockLeft(offset uint64) int {
	return transport.PageSize - int(offset%transport.PageSize)
}

// store writes data[start:end].
func (s *sink) store(data []byte, start, end int) error {
	if start == end {
		return nil
	}
	n, err := s.file.WriteAt(data[start:end], int64(s.offset)+int64(start))
	s.stored += uint64(n)
	return err
}
