package dump

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/barescope/barescope/transport"
)

// written notes down what a sink stores.
type written struct {
	file
	stretches [][2]int64
}

func (w *written) WriteAt(data []byte, offset int64) (int, error) {
	w.stretches = append(w.stretches, [2]int64{offset, int64(len(data))})
	return len(data), nil
}

// TestSinkHoles has blocks of zeros: what counts are those of the file, not of
// what is written to it.
func TestSinkHoles(t *testing.T) {
	const page = transport.PageSize
	full := bytes.Repeat([]byte{1}, page)
	empty := make([]byte, page)
	for name, tt := range map[string]struct {
		skip uint64
		data []byte
		want [][2]int64
	}{
		"nothing":      {0, nil, nil},
		"zeros":        {0, bytes.Repeat(empty, 3), nil},
		"data":         {0, bytes.Repeat(full, 3), [][2]int64{{0, 3 * page}}},
		"hole within":  {page, bytes.Join([][]byte{full, empty, empty, full}, nil), [][2]int64{{page, page}, {4 * page, page}}},
		"hole behind":  {0, append(full, empty...), [][2]int64{{0, page}}},
		"moved":        {32, bytes.Join([][]byte{full, empty, empty, full}, nil), [][2]int64{{32, 2*page - 32}, {3 * page, page + 32}}},
		"moved, short": {32, append(empty, 1), [][2]int64{{page, 33}}},
	} {
		w := &written{}
		s := sink{file: w, hash: sha256.New()}
		if err := s.skip(t.Context(), tt.skip); err != nil {
			t.Fatal(err)
		}
		if err := s.write(tt.data); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, w.stretches); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestSinkContent writes and skips what comes, and compares the file and its
// hash with what was meant.
func TestSinkContent(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		f, err := os.Create(filepath.Join(dir, "file"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		s := sink{file: f, hash: sha256.New()}
		var want []byte
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			data := bytes.Repeat([]byte{byte(rapid.IntRange(0, 1).Draw(t, "byte"))}, rapid.IntRange(0, 9000).Draw(t, "length"))
			if rapid.Bool().Draw(t, "skip") {
				data = make([]byte, len(data))
				err = s.skip(t.Context(), uint64(len(want)+len(data)))
			} else {
				err = s.write(data)
			}
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, data...)
		}
		if err := f.Truncate(int64(s.offset)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(want); !bytes.Equal(got, want) || !bytes.Equal(s.hash.Sum(nil), sum[:]) {
			t.Fatalf("%d bytes written, file has %d and differs", len(want), len(got))
		}
	})
}
