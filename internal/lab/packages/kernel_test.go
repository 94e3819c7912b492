package packages

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/barescope/barescope/internal/lab/kmod"
)

// writeImage writes a file that has the boot protocol's magic number.
func writeImage(t *testing.T, dir string) string {
	t.Helper()
	data := make([]byte, 4096)
	copy(data[bootMagicOffset:], bootMagic)
	path := filepath.Join(dir, "vmlinuz")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFile(t *testing.T) {
	image := writeImage(t, t.TempDir())
	kernel, err := File(image, "", testWant)
	if err != nil || kernel.Image != image || len(kernel.Modules) != 0 {
		t.Errorf("%v, %v", kernel, err)
	}
	if _, err := File(image, t.TempDir(), testWant); !errors.Is(err, kmod.ErrNoModule) {
		t.Errorf("a directory without the module: %v", err)
	}
	other := filepath.Join(t.TempDir(), "vmlinux")
	if err := os.WriteFile(other, make([]byte, 1024), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := File(other, "", testWant); !errors.Is(err, ErrBadImage) {
		t.Errorf("no image: %v", err)
	}
}

func TestLockWaitsForContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	release, err := lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := lock(ctx, path); !errors.Is(err, context.Canceled) {
		t.Errorf("taken twice: %v", err)
	}
	release()
	again, err := lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	again()
}

func TestKeep(t *testing.T) {
	root := t.TempDir()
	modules := filepath.Join(root, "usr/lib/modules/7.2")
	if err := os.MkdirAll(modules, 0o755); err != nil {
		t.Fatal(err)
	}
	writeImage(t, modules)
	if err := os.WriteFile(filepath.Join(modules, "modules.builtin"), []byte("kernel/stp.ko\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "kept")
	if err := keep(root, dir, testRecord, testWant); err != nil {
		t.Fatal(err)
	}
	kernel, err := load(dir, testRecord, testWant)
	if err != nil || kernel.Image == "" || kernel.SystemMap != "" || len(kernel.Modules) != 0 {
		t.Errorf("%v, %v", kernel, err)
	}
	if err := keep(t.TempDir(), filepath.Join(t.TempDir(), "kept"), testRecord, testWant); !errors.Is(err, ErrBadImage) {
		t.Errorf("a package without an image: %v", err)
	}
}
