package bench

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestCopySparse(t *testing.T) {
	const size = 1<<20 + 100
	want := make([]byte, size)
	for _, at := range []int{0, 4095, 300 << 10, 1 << 20, size - 1} {
		want[at] = byte(at) | 1
	}
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	if err := os.WriteFile(from, want, 0o600); err != nil {
		t.Fatal(err)
	}
	written, err := copySparse(to, from)
	if err != nil {
		t.Fatal(err)
	}
	if want := uint64(2*4096 + 100); written != want {
		t.Errorf("%d bytes written, want the two pages and the end, %d", written, want)
	}
	got, err := os.ReadFile(to)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("the copy differs, %v", err)
	}
	var info unix.Stat_t
	if err := unix.Stat(to, &info); err != nil || info.Blocks*512 >= size {
		t.Errorf("the copy takes %d bytes, %v", info.Blocks*512, err)
	}
	if written, err := copySparse(filepath.Join(dir, "again"), to); err != nil || written != 2*4096+100 {
		t.Errorf("copy of a sparse file: %d bytes, %v", written, err)
	}
}

func TestCopySparseOfNothing(t *testing.T) {
	if _, err := copySparse(filepath.Join(t.TempDir(), "to"), filepath.Join(t.TempDir(), "from")); !os.IsNotExist(err) {
		t.Errorf("error is %v", err)
	}
}
