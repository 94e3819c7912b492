package dump

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/barescope/barescope/transport"
)

// interrupt begins a dump whose context ends at a batch, and expects the error
// that it should.
func interrupt(t *testing.T, path string, o Options, batch int) *IncompleteError {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o.Memory = &machine{before: func(i int) error {
		if i == batch {
			cancel()
		}
		return nil
	}}
	_, err := Write(ctx, path, o)
	var incomplete *IncompleteError
	if !errors.As(err, &incomplete) || !errors.Is(err, context.Canceled) {
		t.Fatalf("batch %d: %v", batch, err)
	}
	if incomplete.Done == 0 || incomplete.Done >= incomplete.Total {
		t.Fatalf("batch %d: %d bytes of %d", batch, incomplete.Done, incomplete.Total)
	}
	return incomplete
}

// TestResume interrupts a dump of 29 batches at different places, then once
// more, and expects what comes of a dump that nothing interrupts.
func TestResume(t *testing.T) {
	for _, f := range Formats() {
		want := write(t, what(Format(f), &machine{}))
		for _, batch := range []int{3, 10, 16} {
			o := what(Format(f), &machine{})
			path := filepath.Join(t.TempDir(), "dump")
			first := interrupt(t, path, o, batch)
			o.Resume = true
			o.Machine.Booted = o.Machine.Booted.Add(time.Second / 2) // its clock is being adjusted
			if second := interrupt(t, path, o, 5); second.Done <= first.Done {
				t.Errorf("%s, batch %d: %d bytes, then %d", f, batch, first.Done, second.Done)
			}
			compareDumps(t, want, mustWrite(t, path, o), 3)
		}
	}
}

func mustWrite(t *testing.T, path string, o Options) *Manifest {
	t.Helper()
	m, err := Write(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func compareFiles(t *testing.T, want, got string) {
	t.Helper()
	if string(contentOf(t, want)) != string(contentOf(t, got)) {
		t.Errorf("%s differs from %s", got, want)
	}
}

// compareDumps compares two dumps of the same.
func compareDumps(t *testing.T, want, got *Manifest, sessions int) {
	t.Helper()
	ignored := cmpopts.IgnoreFields(Manifest{}, "Path", "UnreadableFile", "Started", "Elapsed", "Sessions", "Machine")
	if diff := cmp.Diff(want, got, ignored); diff != "" {
		t.Errorf("manifests:\n%s", diff)
	}
	if got.Sessions != sessions {
		t.Errorf("%d sessions, want %d", got.Sessions, sessions)
	}
	compareFiles(t, want.Path, got.Path)
	compareFiles(t, want.UnreadableFile, got.UnreadableFile)
}

// TestKilled goes on from what lies on the disk when a dump ends without a
// word: a journal that is older than the file. Memory has changed meanwhile.
func TestKilled(t *testing.T) {
	o := what(LiME, nil)
	o.Checkpoint = 256 << 10
	killed := filepath.Join(t.TempDir(), "dump")
	path := filepath.Join(t.TempDir(), "dump")
	o.Memory = &machine{sound: true, before: func(batch int) error {
		if batch == 20 {
			return os.CopyFS(filepath.Join(filepath.Dir(killed), "then"), os.DirFS(filepath.Dir(path)))
		}
		return nil
	}}
	mustWrite(t, path, o)
	killed = filepath.Join(filepath.Dir(killed), "then", "dump")
	f, err := os.Open(killed + ".journal")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	j, _, err := parseJournal(f)
	if err != nil {
		t.Fatal(err)
	}
	if size := len(contentOf(t, killed+".partial")); j.Offset < o.Checkpoint || uint64(size) <= j.Offset {
		t.Fatalf("journal at %d, file at %d", j.Offset, size)
	}
	o.Memory, o.Resume = zeroed{}, true
	m := mustWrite(t, killed, o)
	o.Resume = false
	before, after, got := contentOf(t, path), contentOf(t, write(t, o).Path), contentOf(t, m.Path)
	if string(got) != string(before[:j.Offset])+string(after[j.Offset:]) {
		t.Error("got neither what memory held before the journal was saved nor what it held after")
	}
	if sum := sha256.Sum256(got); hex.EncodeToString(sum[:]) != m.SHA256 {
		t.Errorf("hash is %x, not %s", sum, m.SHA256)
	}
}

// zeroed is a machine whose memory is all zeros by now.
type zeroed struct{}

func (zeroed) ReadPhysical(_ context.Context, reads []transport.Read) error {
	for i := range reads {
		clear(reads[i].Data)
		reads[i].Outcome = transport.Success
	}
	return nil
}

// TestNoSpace fills the disk up.
func TestNoSpace(t *testing.T) {
	want := write(t, what(ELF, &machine{}))
	path := filepath.Join(t.TempDir(), "dump")
	o := what(ELF, &machine{})
	if err := o.complete(); err != nil {
		t.Fatal(err)
	}
	l, err := newLayout(o.Format, o.Ranges, o.Core)
	if err != nil {
		t.Fatal(err)
	}
	d, err := create(names{path}, &o, l)
	if err != nil {
		t.Fatal(err)
	}
	d.sink.file = &full{file: d.sink.file, left: 1 << 20}
	err = d.suspend(d.run(t.Context()))
	var incomplete *IncompleteError
	if !errors.As(err, &incomplete) || !errors.Is(err, syscall.ENOSPC) || incomplete.Done < 1<<19 {
		t.Fatalf("got %v", err)
	}
	o.Resume = true
	compareDumps(t, want, mustWrite(t, path, o), 2)
}

// full is a file on a disk that has only so many bytes left.
type full struct {
	file
	left int
}

func (f *full) WriteAt(data []byte, offset int64) (int, error) {
	n, err := f.file.WriteAt(data[:min(len(data), f.left)], offset)
	f.left -= n
	if err == nil && n < len(data) {
		err = syscall.ENOSPC
	}
	return n, err
}
