package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sort"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/rangeset"
)

// longestRead bounds one read of the file, so that a context that ends is
// noticed within it.
const longestRead = 4 << 20

// Image is physical memory in a file. It implements [transport.Memory].
type Image struct {
	file   io.ReaderAt
	pieces []Piece // sorted by address, disjoint
}

// New returns the image whose memory the pieces of a file of size bytes hold.
// The error wraps [transport.ErrBadTarget]: there is no piece, pieces overlap,
// or one lies outside of the file.
func New(file io.ReaderAt, size uint64, pieces ...Piece) (*Image, error) {
	if len(pieces) == 0 {
		return nil, fmt.Errorf("%w: image holds no memory", transport.ErrBadTarget)
	}
	sorted, err := arrange(pieces, size)
	if err != nil {
		return nil, err
	}
	return &Image{file: file, pieces: sorted}, nil
}

// Extent returns the memory that the image holds, in ascending order.
func (m *Image) Extent() []transport.Range {
	ranges := make([]transport.Range, len(m.pieces))
	for i, p := range m.pieces {
		ranges[i] = p.Range()
	}
	return rangeset.Of(ranges...).Ranges()
}

// Close closes the file, if it can be closed.
func (m *Image) Close() error {
	if c, ok := m.file.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// ReadPhysical implements [transport.Memory]. A read that the image does not
// hold in full, or no longer holds since the file shrank, is
// [transport.Absent]. The error is the context's, or what reading the file
// returned.
func (m *Image) ReadPhysical(ctx context.Context, reads []transport.Read) error {
	for i := range reads {
		outcome, err := m.read(ctx, reads[i].Address, reads[i].Data)
		if err != nil {
			return err
		}
		reads[i].Outcome = outcome
	}
	return nil
}

func (m *Image) read(ctx context.Context, at transport.Address, data []byte) (transport.Outcome, error) {
	for len(data) > 0 {
		if err := ctx.Err(); err != nil {
			return transport.NotRead, err
		}
		p, ok := m.find(at)
		if !ok {
			return transport.Absent, nil
		}
		skip := uint64(at - p.Physical)
		n := min(uint64(len(data)), p.Length-skip, longestRead)
		got, err := m.file.ReadAt(data[:n], int64(p.Offset+skip))
		if uint64(got) < n {
			return shortRead(at, err)
		}
		data, at = data[n:], at+transport.Address(n)
	}
	return transport.Success, nil
}

func shortRead(at transport.Address, err error) (transport.Outcome, error) {
	if errors.Is(err, io.EOF) {
		return transport.Absent, nil
	}
	return transport.NotRead, fmt.Errorf("reading the image at %s: %w", at, err)
}

// find returns the piece that holds an address.
func (m *Image) find(at transport.Address) (Piece, bool) {
	i := sort.Search(len(m.pieces), func(i int) bool { return m.pieces[i].Range().End() > at })
	if i == len(m.pieces) || m.pieces[i].Physical > at {
		return Piece{}, false
	}
	return m.pieces[i], true
}
