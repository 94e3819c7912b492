package dump

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/image"
)

// write dumps to a new file.
func write(t *testing.T, o Options) *Manifest {
	t.Helper()
	m, err := Write(t.Context(), filepath.Join(t.TempDir(), "dump"), o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func contentOf(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// beside returns the names of the files in a file's directory.
func beside(t *testing.T, path string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, e := range entries {
		found = append(found, e.Name())
	}
	return found
}

// TestWrite reads each format back as an image and compares all of it.
func TestWrite(t *testing.T) {
	for _, f := range Formats() {
		t.Run(f, func(t *testing.T) {
			m := write(t, what(Format(f), &machine{sound: true}))
			file := contentOf(t, m.Path)
			if sum := sha256.Sum256(file); hex.EncodeToString(sum[:]) != m.SHA256 || uint64(len(file)) != m.Size {
				t.Errorf("file has %d bytes, hash %x; manifest says %d, %s", len(file), sum, m.Size, m.SHA256)
			}
			if diff := cmp.Diff([]string{"dump"}, beside(t, m.Path)); diff != "" {
				t.Errorf("files:\n%s", diff)
			}
			dumped, err := image.Open(m.Path, image.Options{Format: image.Format(f)})
			if err != nil {
				t.Fatal(err)
			}
			defer dumped.Close()
			if diff := cmp.Diff(some, dumped.Extent()); diff != "" && f != string(Raw) {
				t.Errorf("ranges:\n%s", diff)
			}
			for _, r := range some {
				compareRange(t, dumped, r)
			}
		})
	}
}

// compareRange compares the pages of a range with what the machine has.
func compareRange(t *testing.T, m transport.Memory, r transport.Range) {
	t.Helper()
	for at := r.Start; at < r.End(); at = at.Page() + transport.PageSize {
		want := make([]byte, min(r.End(), at.Page()+transport.PageSize)-at)
		content(at, want)
		read := []transport.Read{{Address: at, Data: make([]byte, len(want))}}
		if err := m.ReadPhysical(t.Context(), read); err != nil {
			t.Fatal(err)
		}
		if read[0].Outcome != transport.Success || !bytes.Equal(want, read[0].Data) {
			t.Fatalf("%s: %v", at, read[0].Outcome)
		}
	}
}

// TestUnreadable has pages that cannot be read.
func TestUnreadable(t *testing.T) {
	m := write(t, what(Raw, &machine{}))
	wantList := `{"start":"0x3f000","end":"0x3ffff","outcome":"unsupported request"}
{"start":"0x7f000","end":"0x7ffff","outcome":"unsupported request"}
{"start":"0x13f000","end":"0x13ffff","outcome":"unsupported request"}
{"start":"0x17f000","end":"0x17ffff","outcome":"unsupported request"}
{"start":"0x1bf000","end":"0x1bffff","outcome":"unsupported request"}
{"start":"0x1ff000","end":"0x1fffff","outcome":"unsupported request"}
`
	if diff := cmp.Diff(wantList, string(contentOf(t, m.UnreadableFile))); diff != "" {
		t.Error(diff)
	}
	if m.Unreadable != 6*transport.PageSize || m.UnreadableRanges != 6 || len(m.Listed) != 6 ||
		m.Listed[0] != "0x3f000-0x3ffff unsupported request" {
		t.Errorf("manifest: %+v", m)
	}
	if file := contentOf(t, m.Path); !bytes.Equal(file[0x3f000:0x40000], zeros[:transport.PageSize]) {
		t.Error("what could not be read is not zeros")
	}
	if diff := cmp.Diff([]string{"dump", "dump.unreadable"}, beside(t, m.Path)); diff != "" {
		t.Errorf("files:\n%s", diff)
	}
}

// TestHoles expects that pages of zeros take no space.
func TestHoles(t *testing.T) {
	o := what(Raw, &machine{sound: true})
	o.Ranges = []transport.Range{{Start: 1 << 40, Length: 1 << 20}}
	o.Ranges[0].Start = 1 << 24
	m := write(t, o)
	if want := uint64(1<<20) / 4 * 3; m.Stored != want || m.Size != 1<<24+1<<20 {
		t.Errorf("%d bytes of %d are stored, want %d", m.Stored, m.Size, want)
	}
}

func TestProgress(t *testing.T) {
	var got []uint64
	o := what(LiME, &machine{})
	total := uint64(0)
	o.Progress = func(done, all uint64) { got, total = append(got, done), all }
	m := write(t, o)
	if total != m.Memory || m.Memory != 0x9ec00+0x120000 || got[0] != 0 || got[len(got)-1] != total {
		t.Errorf("%d of %d, %d: %v", m.Memory, total, len(got), got)
	}
	for i := range got[1:] {
		if got[i+1] <= got[i] {
			t.Errorf("%v does not go up", got)
		}
	}
}

// TestFailedStart leaves nothing behind when not a byte could be read.
func TestFailedStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dump")
	m := &machine{before: func(int) error { return transport.ErrNoLink }}
	_, err := Write(t.Context(), path, what(ELF, m))
	var incomplete *IncompleteError
	if !errors.Is(err, transport.ErrNoLink) || errors.As(err, &incomplete) {
		t.Errorf("got %v", err)
	}
	if found := beside(t, path); len(found) != 0 {
		t.Errorf("left behind: %v", found)
	}
}

func TestBadOptions(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"no memory":       func(o *Options) { o.Ranges = nil },
		"odd chunk":       func(o *Options) { o.Chunk = 4097 },
		"negative chunk":  func(o *Options) { o.Chunk = -4096 },
		"negative ahead":  func(o *Options) { o.Ahead = -2 },
		"no VMCOREINFO":   func(o *Options) { o.Core.VMCoreInfo = nil },
		"long VMCOREINFO": func(o *Options) { o.Core.VMCoreInfo = make([]byte, maxVMCoreInfo+1) },
		"processors":      func(o *Options) { o.Core.CPUs = maxCPUs + 1 },
		"format":          func(o *Options) { o.Format = "zip" },
		"too high": func(o *Options) {
			o.Format, o.Ranges = Raw, []transport.Range{{Start: 1 << 63, Length: 4096}}
		},
		"too many ranges": func(o *Options) {
			o.Ranges = nil
			for i := range maxSegments {
				o.Ranges = append(o.Ranges, transport.Range{Start: transport.Address(i) << 13, Length: 4096})
			}
		},
	} {
		o := what(ELF, &machine{})
		change(&o)
		path := filepath.Join(t.TempDir(), "dump")
		if _, err := Write(context.Background(), path, o); !errors.Is(err, ErrBadOptions) {
			t.Errorf("%s: got %v", name, err)
		}
		if found := beside(t, path); len(found) != 0 {
			t.Errorf("%s: left behind: %v", name, found)
		}
	}
	if _, err := ParseFormat("zip"); !errors.Is(err, ErrBadOptions) {
		t.Errorf("got %v", err)
	}
}
