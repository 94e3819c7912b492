package image_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/image"
)

func TestParsePieces(t *testing.T) {
	for name, tc := range map[string]struct {
		give string
		want []image.Piece
	}{
		"decimal":        {"0:0:4096", []image.Piece{{Length: 4096}}},
		"hexadecimal":    {"0x100000000:0x80000000:0xC0000000", []image.Piece{{Physical: 1 << 32, Offset: 2 << 30, Length: 3 << 30}}},
		"two":            {"0:0:1,0x10:1:2", []image.Piece{{Length: 1}, {Physical: 0x10, Offset: 1, Length: 2}}},
		"empty":          {"", nil},
		"empty field":    {"0:0:", nil},
		"two fields":     {"0:1", nil},
		"four fields":    {"0:0:1:1", nil},
		"trailing comma": {"0:0:1,", nil},
		"negative":       {"-1:0:1", nil},
		"no length":      {"0:0:0", nil},
		"memory wraps":   {"0xffffffffffffffff:0:2", nil},
		"reaches top":    {"0xffffffffffffffff:0:1", nil},
		"file wraps":     {"0:0xffffffffffffffff:2", nil},
		"too big":        {"0:0:0x10000000000000000", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := image.ParsePieces(tc.give)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
			if errors.Is(err, transport.ErrBadTarget) != (tc.want == nil) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

func FuzzParsePiece(f *testing.F) {
	for _, seed := range []string{"0:0:4096", "0x100000000:0x80000000:0xC0000000", "::", "0:0:-1", "0b1:0o7:1_0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := image.ParsePiece(s)
		if err != nil {
			if !errors.Is(err, transport.ErrBadTarget) {
				t.Errorf("error %v is no ErrBadTarget", err)
			}
			return
		}
		again, err := image.ParsePiece(p.String())
		if err != nil || again != p {
			t.Errorf("%q is %v, and that is %v, %v", s, p, again, err)
		}
	})
}
