//go:build live

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/internal/lab"
	"github.com/barescope/barescope/internal/lab/truth"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/adapter"
	"github.com/barescope/barescope/transport/dump"
	"github.com/barescope/barescope/transport/image"
)

// TestLiveDump dumps a guest that stands still in every format, and holds every
// byte of its System RAM against the guest's RAM file.
func TestLiveDump(t *testing.T) {
	g := boot(t, lab.Options{Kernel: "linux-image-6.1.0-*-amd64"})
	s := snapshot(t, g, lab.Freeze)
	url := serve(t, g, adapter.Options{})
	want := rows(t, url, "ps")
	for _, format := range dump.Formats() {
		t.Run(format, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "dump")
			m := record(t, url, "dump", path, "--format", format)
			checkManifest(t, s, m, path)
			compareRAM(t, g, s, path, format)
			if diff := cmp.Diff(want, rows(t, "file://"+path+"?format="+format, "ps")); diff != "" {
				t.Errorf("processes (-target +dump):\n%s", diff)
			}
			if format == string(dump.ELF) {
				checkTools(t, s, path)
			}
		})
	}
	t.Run("resumed", func(t *testing.T) { checkResumed(t, url) })
}

// checkManifest holds a manifest against the guest's map and the file.
func checkManifest(t *testing.T, s *truth.Snapshot, m row, path string) {
	t.Helper()
	var ram []string
	for _, r := range s.SystemRAM() {
		ram = append(ram, r.String())
	}
	if diff := cmp.Diff(ram, m.list("ranges")); diff != "" {
		t.Errorf("ranges (-guest +ours):\n%s", diff)
	}
	if m.number("unreadable_bytes") != 0 || m.text("release") != s.Release {
		t.Errorf("manifest: %v", m)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		t.Fatal(err)
	}
	if sum := hex.EncodeToString(h.Sum(nil)); sum != m.text("sha256") || int(n) != m.number("size") {
		t.Errorf("file of %d bytes has hash %s; manifest: %v", n, sum, m)
	}
}

// compareRAM compares all of System RAM.
func compareRAM(t *testing.T, g *lab.Guest, s *truth.Snapshot, path, format string) {
	t.Helper()
	guest, err := image.Open(g.RAMFile(), image.Options{Format: image.Raw, Pieces: g.Pieces()})
	if err != nil {
		t.Fatal(err)
	}
	defer guest.Close()
	dumped, err := image.Open(path, image.Options{Format: image.Format(format)})
	if err != nil {
		t.Fatal(err)
	}
	defer dumped.Close()
	const piece = 1 << 20
	want, got := make([]byte, piece), make([]byte, piece)
	compared := 0
	for _, r := range s.SystemRAM() {
		for at := r.Start; at < r.End(); at += piece {
			n := min(r.End()-at, piece)
			if read(t, guest, at, want[:n]); !bytes.Equal(want[:n], read(t, dumped, at, got[:n])) {
				t.Fatalf("the dump differs within %s", transport.Range{Start: at, Length: uint64(n)})
			}
			compared += int(n)
		}
	}
	if compared < 1000<<20 {
		t.Errorf("only %d bytes to compare", compared)
	}
}

func read(t *testing.T, m transport.Memory, at transport.Address, data []byte) []byte {
	t.Helper()
	reads := []transport.Read{{Address: at, Data: data}}
	if err := m.ReadPhysical(t.Context(), reads); err != nil || reads[0].Outcome != transport.Success {
		t.Fatalf("%s: %v, %v", at, reads[0].Outcome, err)
	}
	return data
}

// checkTools has others open a core dump, as far as they do without debugging
// information.
func checkTools(t *testing.T, s *truth.Snapshot, path string) {
	t.Helper()
	output := tool(t, "readelf", "--segments", "--notes", "--wide", path)
	if loads := strings.Count(output, "LOAD "); loads != len(s.SystemRAM())+1 || strings.Count(output, "NT_PRSTATUS") != 2 {
		t.Errorf("readelf:\n%s", output)
	}
	if got := strings.TrimSpace(tool(t, "crash", "--osrelease", path)); got != s.Release {
		t.Errorf("crash says the release is %q, not %q", got, s.Release)
	}
	// The name of the kernel by its virtual address takes phys_base, the
	// KASLR offset and the page tables.
	address := record(t, "file://"+path, "identify").text("page_offset")
	got := tool(t, "/usr/bin/python3", "-c", drgnProgram, path, address)
	if want := "True x86-64 True\n"; got != want {
		t.Errorf("drgn says %q, want %q", got, want)
	}
}

// drgnProgram opens a core dump as that of a kernel, and reads the same memory
// by its physical address and through the direct map.
const drgnProgram = `
import drgn, sys
p = drgn.Program()
p.set_core_dump(sys.argv[1])
kernel = bool(p.flags & drgn.ProgramFlags.IS_LINUX_KERNEL)
arch = {drgn.Architecture.X86_64: "x86-64"}.get(p.platform.arch)
at = 0x1000000
print(kernel, arch, p.read(at, 4096, True) == p.read(int(sys.argv[2], 0) + at, 4096))
`

func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	var log bytes.Buffer
	c := exec.CommandContext(t.Context(), name, args...)
	c.Stderr = &log
	output, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, log.Bytes())
	}
	return string(output)
}

// checkResumed interrupts a dump twice, once politely and once not, and expects
// what a dump in one go gives.
func checkResumed(t *testing.T, url string) {
	part := []string{"--format", "lime", "--range", "0x1000-0x9efff", "--range", "0x1000000-0x12ffffff"}
	dir := t.TempDir()
	whole, path := filepath.Join(dir, "whole"), filepath.Join(dir, "dump")
	want := record(t, url, append([]string{"dump", whole}, part...)...)
	command := append([]string{"dump", path}, part...)

	stderr := interruptDump(t, url, path, os.Interrupt, command)
	if !strings.Contains(stderr, "--resume") || !strings.Contains(stderr, "interrupted") {
		t.Errorf("no word on how to go on:\n%s", stderr)
	}
	expect(t, 1, "file exists", append([]string{"-t", url}, command...)...)
	command = append(command, "--resume")
	interruptDump(t, url, path, os.Kill, command)
	got := record(t, url, command...)
	if got.text("sha256") != want.text("sha256") || got.number("sessions") < 3 {
		t.Errorf("resumed: %v\nin one go: %v", got, want)
	}
	tool(t, "cmp", whole, path)
}

// interruptDump starts a dump and sends it a signal once it has written some.
func interruptDump(t *testing.T, url, path string, signal os.Signal, args []string) (stderr string) {
	t.Helper()
	before := written(path)
	var log bytes.Buffer
	c := exec.CommandContext(t.Context(), programPath(t), append([]string{"-t", url}, args...)...)
	c.Stderr = &log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for written(path) < before+32<<20 {
		select {
		case err := <-ended:
			t.Fatalf("ended before it was told to: %v\n%s", err, log.Bytes())
		case <-ticker.C:
		}
	}
	if err := c.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := <-ended; !errors.As(err, &exit) {
		t.Fatalf("signal %v: %v\n%s", signal, err, log.Bytes())
	}
	t.Logf("%v after %s bytes: %s", signal, strconv.FormatInt(written(path), 10), log.Bytes())
	return log.String()
}

// written returns how long an incomplete dump is, 0 if there is none.
func written(path string) int64 {
	info, err := os.Stat(path + ".partial")
	if err != nil {
		return 0
	}
	return info.Size()
}
