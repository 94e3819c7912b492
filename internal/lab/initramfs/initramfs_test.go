package initramfs

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/barescope/barescope/internal/lab/guest"
	"github.com/barescope/barescope/internal/lab/kmod"
	"github.com/cavaliergopher/cpio"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
)

// unpack returns the modes and the contents of what is in an archive.
func unpack(t *testing.T, packed io.Reader) (map[string]cpio.FileMode, map[string]string) {
	t.Helper()
	zip, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	modes, contents := map[string]cpio.FileMode{}, map[string]string{}
	reader := cpio.NewReader(zip)
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return modes, contents
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := modes[header.Name]; twice {
			t.Errorf("%s is there twice", header.Name)
		}
		modes[header.Name], contents[header.Name] = header.Mode, string(data)+header.Linkname
	}
}

func TestArchive(t *testing.T) {
	var packed bytes.Buffer
	a, err := newArchive(&packed)
	if err != nil {
		t.Fatal(err)
	}
	modules := Contents{Modules: []kmod.Module{{Name: "llc", Data: []byte("1")}, {Name: "stp", Data: []byte("2")}}, Modular: true}
	for _, err := range []error{
		a.file("bin/tool", 0o755, []byte("tool")),
		a.symlink("bin/link", "tool"),
		a.addModules(modules),
		a.addImages(map[string][]byte{"xfs": []byte("x"), "ext4": []byte("e")}),
		a.addFiles(),
		a.close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	modes, contents := unpack(t, &packed)
	for name, want := range map[string]string{
		"bin/tool": "tool", "bin/link": "tool", "lab/modules/llc.ko": "1", "lab/images/ext4": "e", "init": script, "proc": "",
	} {
		if got, there := contents[name]; !there || got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	for name, want := range map[string]cpio.FileMode{
		"bin": cpio.TypeDir | 0o755, "bin/tool": cpio.TypeReg | 0o755, "bin/link": cpio.TypeSymlink | 0o777, "lab": cpio.TypeDir | 0o755,
	} {
		if got := modes[name]; got != want {
			t.Errorf("%s: mode %o", name, got)
		}
	}
	var config guest.Config
	if err := json.Unmarshal([]byte(contents["lab/config.json"]), &config); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(guest.Config{Modules: []string{"llc.ko", "stp.ko"}, Modular: true}, config); diff != "" {
		t.Error(diff)
	}
}

func TestReadStaticRefuses(t *testing.T) {
	text := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(text, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	// Debian's shell needs its C library.
	for _, path := range []string{text, "/bin/sh"} {
		if _, err := readStatic(path); !errors.Is(err, ErrNotStatic) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := readStatic("/no/such/program"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
