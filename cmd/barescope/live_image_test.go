//go:build live

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/internal/lab"
)

// TestLiveImages takes the memory of a guest away from it: what an image, a
// search through one and a recording tell must be what the guest told; and a
// damaged image must end in an error of its own.
func TestLiveImages(t *testing.T) {
	g := boot(t, lab.Options{Kernel: "linux-image-6.1.0-*-amd64"})
	snapshot(t, g, lab.Freeze)
	ram := copyRAM(t, g)
	want := rows(t, ram.url, "ps")
	if len(want) < minimum {
		t.Fatalf("only %d rows", len(want))
	}
	t.Run("recording", func(t *testing.T) { checkRecording(t, ram, want) })
	t.Run("without low memory", func(t *testing.T) {
		url := "file://" + ram.path + "?pieces=0x100000:0x100000:0x3ff00000"
		if diff := cmp.Diff(want, rows(t, url, "ps")); diff != "" {
			t.Errorf("found by a search (-image +search):\n%s", diff)
		}
	})
	t.Run("truncated", func(t *testing.T) {
		if err := os.Truncate(ram.path, 64<<20); err != nil {
			t.Fatal(err)
		}
		expect(t, exitUsage, "file is truncated", "-t", ram.url, "ps")
		expect(t, 12, "no kernel found", "-t", "file://"+ram.path, "ps")
	})
}

// checkRecording records a session and replays it.
func checkRecording(t *testing.T, ram *ramCopy, want []row) {
	recording := filepath.Join(t.TempDir(), "session.rec")
	rows(t, ram.url, "--record", recording, "ps")
	if err := os.Rename(ram.path, ram.path+".away"); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := os.Rename(ram.path+".away", ram.path); err != nil {
			t.Fatal(err)
		}
	}()
	if diff := cmp.Diff(want, rows(t, "replay://"+recording, "ps")); diff != "" {
		t.Errorf("replayed (-image +replay):\n%s", diff)
	}
}

// TestLiveKernelFile gives the tool a kernel that does not run: the text and
// data of one, as they lie in the page cache of a machine that has read it.
func TestLiveKernelFile(t *testing.T) {
	g := boot(t, lab.Options{Kernel: "linux-image-6.1.0-*-amd64"})
	s := snapshot(t, g, lab.Freeze)
	// The image of the guest's kernel, cut out of its memory: its text and
	// read-only data are there, at a multiple of 2 MiB, but nothing maps them.
	var start, end int64
	for _, r := range s.Resources {
		switch r.Name {
		case "Kernel code":
			start = int64(r.Start)
		case "Kernel rodata":
			end = int64(r.End) + 1
		}
	}
	if start == 0 || end <= start {
		t.Fatalf("kernel at %#x-%#x", start, end)
	}
	f, err := os.Open(g.RAMFile())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	content := make([]byte, end-start)
	if _, err := f.ReadAt(content, start); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(content, []byte("Linux version ")) {
		t.Fatal("what was cut out is no kernel")
	}
	content = append(make([]byte, 16<<20), content...)
	path := filepath.Join(t.TempDir(), "image")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	expect(t, 12, "no kernel found", "-t", "file://"+path, "ps")
}

// expect runs a command that must fail with a code and say why, and print no
// list.
func expect(t *testing.T, code int, reason string, args ...string) {
	t.Helper()
	got, stdout, stderr := exitCode(t, args...)
	if got != code || stdout != "" || !strings.Contains(stderr, reason) {
		t.Errorf("%v: exit code %d, want %d, with %q\nstdout: %s\nstderr: %s", args, got, code, reason, stdout, stderr)
	}
}
