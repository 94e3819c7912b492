package image_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/image"
)

func readAll(t *testing.T, m transport.Memory, ranges ...transport.Range) []transport.Read {
	t.Helper()
	reads := make([]transport.Read, len(ranges))
	for i, r := range ranges {
		reads[i] = transport.Read{Address: r.Start, Data: make([]byte, r.Length)}
	}
	if err := m.ReadPhysical(context.Background(), reads); err != nil {
		t.Fatal(err)
	}
	return reads
}

// check reads one range and compares: want is nil for memory that is absent.
func check(t *testing.T, m transport.Memory, at transport.Address, length int, want []byte) {
	t.Helper()
	r := readAll(t, m, transport.Range{Start: at, Length: uint64(length)})[0]
	if want == nil {
		if r.Outcome != transport.Absent {
			t.Errorf("%d bytes at %s: %v", length, at, r.Outcome)
		}
		return
	}
	if r.Outcome != transport.Success || !bytes.Equal(r.Data, want) {
		t.Errorf("%d bytes at %s: %v %x, want %x", length, at, r.Outcome, r.Data, want)
	}
}

func TestReadPhysical(t *testing.T) {
	file := []byte("abcdefghijklmnop")
	m, err := image.New(bytes.NewReader(file), uint64(len(file)),
		image.Piece{Physical: 0x2000, Offset: 4, Length: 8},
		image.Piece{Physical: 0x1ffc, Offset: 0, Length: 4},
		image.Piece{Physical: 0x3000, Offset: 12, Length: 4})
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		at     transport.Address
		length int
		want   []byte
	}{
		"start of a piece":   {0x2000, 4, []byte("efgh")},
		"end of a piece":     {0x2006, 2, []byte("kl")},
		"over two pieces":    {0x1ffe, 4, []byte("cdef")},
		"all of two pieces":  {0x1ffc, 12, []byte("abcdefghijkl")},
		"nothing":            {0x5000, 0, []byte{}},
		"into a hole":        {0x2006, 3, nil},
		"out of a hole":      {0x2fff, 2, nil},
		"in a hole":          {0x2800, 1, nil},
		"behind the end":     {0x3004, 1, nil},
		"over the top":       {^transport.Address(0), 2, nil},
		"before first piece": {0, 1, nil},
	} {
		t.Run(name, func(t *testing.T) { check(t, m, tc.at, tc.length, tc.want) })
	}
	want := []transport.Range{{Start: 0x1ffc, Length: 12}, {Start: 0x3000, Length: 4}}
	if diff := cmp.Diff(want, m.Extent()); diff != "" {
		t.Error(diff)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		pieces []image.Piece
		want   string
	}{
		"nothing": {nil, "bad target: image holds no memory"},
		"overlap": {[]image.Piece{{Physical: 0, Length: 8}, {Physical: 7, Offset: 8, Length: 1}},
			"bad target: pieces 0x0:0x0:0x8 and 0x7:0x8:0x1 overlap"},
		"truncated file": {[]image.Piece{{Physical: 0x1000, Offset: 8, Length: 9}},
			"bad target: file is truncated: the memory at 0x1000 ends at offset 0x11, the file at 0x10"},
		"empty piece": {[]image.Piece{{Physical: 0x1000}}, "bad target: piece 0x1000:0x0:0x0 is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := image.New(bytes.NewReader(make([]byte, 16)), 16, tc.pieces...)
			if !errors.Is(err, transport.ErrBadTarget) || err.Error() != tc.want || m != nil {
				t.Errorf("got %v, %v; want %s", m, err, tc.want)
			}
		})
	}
}

func TestContextEnds(t *testing.T) {
	m, err := image.New(bytes.NewReader(make([]byte, 16)), 16, image.Piece{Length: 16})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	reads := []transport.Read{{Data: make([]byte, 1)}}
	if err := m.ReadPhysical(ctx, reads); !errors.Is(err, context.Canceled) || reads[0].Outcome != transport.NotRead {
		t.Errorf("got %v, %v", err, reads[0].Outcome)
	}
}

type failingFile struct{ err error }

func (f failingFile) ReadAt([]byte, int64) (int, error) { return 0, f.err }

func TestFileFails(t *testing.T) {
	reads := []transport.Read{{Data: make([]byte, 1)}}
	m, err := image.New(failingFile{os.ErrClosed}, 16, image.Piece{Length: 16})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.ReadPhysical(context.Background(), reads); !errors.Is(err, os.ErrClosed) || reads[0].Outcome != transport.NotRead {
		t.Errorf("got %v, %v", err, reads[0].Outcome)
	}
	if m, err = image.New(failingFile{io.EOF}, 16, image.Piece{Length: 16}); err != nil {
		t.Fatal(err)
	}
	check(t, m, 0, 1, nil)
}

// TestFileShrinks takes an image's file away from under it.
func TestFileShrinks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ram")
	if err := os.WriteFile(path, bytes.Repeat([]byte{7}, 8192), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := image.Open(path, image.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	check(t, m, 4094, 4, []byte{7, 7, 7, 7})
	if err := os.Truncate(path, 4096); err != nil {
		t.Fatal(err)
	}
	check(t, m, 4092, 4, []byte{7, 7, 7, 7})
	check(t, m, 4094, 4, nil)
}
