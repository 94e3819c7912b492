package kmod

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestRead(t *testing.T) {
	want, err := os.ReadFile("testdata/plain.ko")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"plain.ko", "packed.ko.xz"} {
		got, err := Read("testdata/" + name)
		if err != nil || string(got) != string(want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"damaged.ko.xz", "damaged.ko.zst", "damaged.ko.gz", "other.text"} {
		path := filepath.Join(dir, name)
		writeFile(t, path, []byte("neither of them"))
		if data, err := Read(path); err == nil || data != nil {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
	if _, err := Read(filepath.Join(dir, "other.text")); !errors.Is(err, ErrNotModule) {
		t.Error(err)
	}
}
