package qemu

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestSweep(t *testing.T) {
	parent := t.TempDir()
	held, left, other := filepath.Join(parent, "barescope-lab-1"), filepath.Join(parent, "barescope-lab-2"), filepath.Join(parent, "other")
	for _, dir := range []string{held, left, other} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		lock, err := takeLock(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer lock.Close()
		if dir == left {
			lock.Close()
		}
	}
	sweep(parent)
	for dir, want := range map[string]bool{held: true, left: false, other: true} {
		if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) == want {
			t.Errorf("%s: %v", dir, err)
		}
	}
}

func TestWorkspace(t *testing.T) {
	w, err := newWorkspace(mebibyte)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := takeLock(w.dir); err == nil {
		t.Error("locked twice")
	}
	if err := os.WriteFile(w.path("ram"), []byte("a"), 0o600); err != nil {
		t.Error(err)
	}
	if err := w.remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(w.dir); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
