package image_test

import (
	"bytes"
	"testing"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/image"
)

// twoLiMERanges is a file written by hand from LiME's description of its
// format: the ranges 0x1000-0x1003 and 0x100000000-0x100000007.
var twoLiMERanges = []byte("" +
	"EMiL" + "\x01\x00\x00\x00" + // magic 0x4C694D45, version 1
	"\x00\x10\x00\x00\x00\x00\x00\x00" + // s_addr
	"\x03\x10\x00\x00\x00\x00\x00\x00" + // e_addr, inclusive
	"\x00\x00\x00\x00\x00\x00\x00\x00" + // reserved
	"abcd" +
	"EMiL" + "\x01\x00\x00\x00" +
	"\x00\x00\x00\x00\x01\x00\x00\x00" +
	"\x07\x00\x00\x00\x01\x00\x00\x00" +
	"\x00\x00\x00\x00\x00\x00\x00\x00" +
	"ijklmnop")

func TestLiME(t *testing.T) {
	m := openBytes(t, twoLiMERanges)
	check(t, m, 0x1000, 4, []byte("abcd"))
	check(t, m, 0x100000002, 6, []byte("klmnop"))
	check(t, m, 0x1004, 1, nil)
	check(t, m, 0, 1, nil)
}

func TestLiMERefused(t *testing.T) {
	patch := func(at int, b ...byte) []byte {
		file := bytes.Clone(twoLiMERanges)
		copy(file[at:], b)
		return file
	}
	for name, tc := range map[string]struct {
		file []byte
		want string
	}{
		"truncated data": {twoLiMERanges[:len(twoLiMERanges)-1],
			"bad target: file is truncated: the memory at 0x100000000 ends at offset 0x4c, the file at 0x4b"},
		"truncated header": {twoLiMERanges[:40], "bad target: file is truncated: it ends within the LiME header at offset 0x24"},
		"no second header": {patch(36, 'x'), "bad target: no LiME header at offset 0x24"},
		"version 2":        {patch(4, 2), "bad target: LiME header at offset 0x0 has version 2, only 1 is understood"},
		"backwards":        {patch(17, 0), "bad target: LiME header at offset 0x0: no range from 0x1000 to 0x3"},
		"endless":          {patch(8+8, 255, 255, 255, 255, 255, 255, 255, 255), "bad target: LiME header at offset 0x0: no range from 0x1000 to 0xffffffffffffffff"},
		"overlap":          {patch(36+8, 0, 16, 0, 0, 0, 0, 0, 0, 7, 16, 0, 0, 0, 0, 0, 0), "bad target: pieces 0x1000:0x20:0x4 and 0x1000:0x44:0x8 overlap"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, tc.file, image.Options{}, tc.want) })
	}
}

func FuzzLiME(f *testing.F) {
	f.Add(twoLiMERanges)
	f.Add(twoLiMERanges[:33])
	f.Fuzz(func(t *testing.T, file []byte) { fuzzOpen(t, file, image.LiME) })
}

// fuzzOpen checks what holds for every file: an error means no image, and what
// an image says that it holds can be read.
func fuzzOpen(t *testing.T, file []byte, format image.Format) {
	m, err := image.Parse(bytes.NewReader(file), uint64(len(file)), image.Options{Format: format})
	if err != nil {
		if m != nil {
			t.Error("an image and an error")
		}
		return
	}
	extent := m.Extent()
	if len(extent) == 0 {
		t.Error("image without memory")
	}
	for _, r := range extent {
		for _, read := range readAll(t, m, r) {
			if read.Outcome != transport.Success {
				t.Errorf("%s: %v", r, read.Outcome)
			}
		}
	}
}
