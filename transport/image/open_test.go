package image_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/image"
)

func openBytes(t *testing.T, file []byte) *image.Image {
	t.Helper()
	m, err := image.Parse(bytes.NewReader(file), uint64(len(file)), image.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func refused(t *testing.T, file []byte, o image.Options, want string) {
	t.Helper()
	m, err := image.Parse(bytes.NewReader(file), uint64(len(file)), o)
	if m != nil || !errors.Is(err, transport.ErrBadTarget) {
		t.Fatalf("got %v, %v", m, err)
	}
	if err.Error() != want {
		t.Errorf("error is %q, want %q", err, want)
	}
}

func TestFormat(t *testing.T) {
	file := bytes.Clone(twoLiMERanges)
	m, err := image.Parse(bytes.NewReader(file), uint64(len(file)), image.Options{Format: image.Raw})
	if err != nil {
		t.Fatal(err)
	}
	check(t, m, 0, 4, []byte("EMiL"))
	pieces := []image.Piece{{Physical: 0x9000, Offset: 1, Length: 3}}
	if m, err = image.Parse(bytes.NewReader(file), uint64(len(file)), image.Options{Pieces: pieces}); err != nil {
		t.Fatal(err)
	}
	check(t, m, 0x9000, 3, []byte("MiL"))
}

func TestFormatRefused(t *testing.T) {
	pieces := []image.Piece{{Length: 1}}
	for name, tc := range map[string]struct {
		file string
		o    image.Options
		want string
	}{
		"empty":           {"", image.Options{}, "bad target: image holds no memory"},
		"unknown format":  {"memory", image.Options{Format: "vmdk"}, `bad target: unknown image format "vmdk"; there are raw, lime and elf`},
		"pieces of LiME":  {"memory", image.Options{Format: image.LiME, Pieces: pieces}, "bad target: only a raw image takes pieces"},
		"kdump":           {"KDUMP   \x06\x00\x00\x00", image.Options{}, "bad target: a compressed kdump is not understood; have makedumpfile write ELF (-E)"},
		"recording":       {"BSCPREC\x01 and so on", image.Options{}, "bad target: this is a recording; open it as replay://"},
		"flattened dump":  {"makedumpfile\x00\x00\x00\x00", image.Options{}, "bad target: a flattened dump is not understood; rearrange it with makedumpfile -R"},
		"LiME by request": {"memory is plenty, but there is no header", image.Options{Format: image.LiME}, "bad target: no LiME header at offset 0x0"},
		"ELF by request":  {string(make([]byte, 64)), image.Options{Format: image.ELF}, "bad target: no ELF header"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, []byte(tc.file), tc.o, tc.want) })
	}
}

func TestOpenRefuses(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"missing":   filepath.Join(t.TempDir(), "missing"),
		"directory": t.TempDir(),
		"fifo":      fifo,
		"character": os.DevNull,
	} {
		t.Run(name, func(t *testing.T) {
			if m, err := image.Open(path, image.Options{}); m != nil || !errors.Is(err, transport.ErrBadTarget) {
				t.Errorf("got %v, %v", m, err)
			}
		})
	}
}
