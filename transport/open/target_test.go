package open_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/open"
)

// ramFile writes 2 MiB whose bytes tell where they are.
func ramFile(t *testing.T) string {
	t.Helper()
	ram := make([]byte, 2<<20)
	for i := range ram {
		ram[i] = byte(i) ^ byte(i>>8) ^ byte(i>>16)
	}
	path := filepath.Join(t.TempDir(), "ram")
	if err := os.WriteFile(path, ram, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func openTarget(t *testing.T, url string, o open.Options) *open.Target {
	t.Helper()
	target, err := open.Open(url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := target.Close(); err != nil {
			t.Error(err)
		}
	})
	return target
}

func read(t *testing.T, ctx context.Context, m transport.Memory, ranges ...transport.Range) []transport.Read {
	t.Helper()
	reads := make([]transport.Read, len(ranges))
	for i, r := range ranges {
		reads[i] = transport.Read{Address: r.Start, Data: make([]byte, r.Length)}
	}
	if err := m.ReadPhysical(ctx, reads); err != nil {
		t.Fatal(err)
	}
	return reads
}

func outcomes(reads []transport.Read) []transport.Outcome {
	all := make([]transport.Outcome, len(reads))
	for i := range reads {
		all[i] = reads[i].Outcome
	}
	return all
}

func rng(start transport.Address, length uint64) transport.Range {
	return transport.Range{Start: start, Length: length}
}

func TestImage(t *testing.T) {
	path := ramFile(t)
	target := openTarget(t, "file://"+path+"?pieces=0:0:0x100000,0x100000000:0x100000:1048576", open.Options{})
	got := read(t, context.Background(), target, rng(0x1234, 4), rng(0x100001234, 4), rng(0xb0000, 4), rng(0x100000, 4), rng(0x9fffc, 4))
	want := []transport.Outcome{transport.Success, transport.Success, transport.Forbidden, transport.Forbidden, transport.Success}
	if diff := cmp.Diff(want, outcomes(got)); diff != "" {
		t.Error(diff)
	}
	if !bytes.Equal(got[0].Data, []byte{0x26, 0x27, 0x24, 0x25}) || !bytes.Equal(got[1].Data, []byte{0x36, 0x37, 0x34, 0x35}) {
		t.Errorf("got %x and %x", got[0].Data, got[1].Data)
	}
	if target.Live {
		t.Error("a file is not live")
	}
	extent := []transport.Range{rng(0, 0xa0000), rng(1<<32, 1<<20)}
	if diff := cmp.Diff(extent, target.Extent); diff != "" {
		t.Error(diff)
	}
	if c := target.Meter.Counts(); c.Batches != 2 || c.Delivered == 0 {
		t.Errorf("counts are %+v", c)
	}
}

func TestOpenRefuses(t *testing.T) {
	path := ramFile(t)
	for name, url := range map[string]string{
		"no file":        "file:///no/such/file",
		"no recording":   "replay://" + path,
		"beyond the end": "file://" + path + "?pieces=0:0:0x200001",
		"odd pieces":     "file://" + path + "?pieces=0",
		"odd format":     "file://" + path + "?format=qcow2",
		"scheme":         "memflow://" + path,
		"link":           "nettlp://127.0.0.2?mrrs=100",
	} {
		t.Run(name, func(t *testing.T) {
			if target, err := open.Open(url, open.Options{}); target != nil || !errors.Is(err, transport.ErrBadTarget) {
				t.Errorf("got %v, %v", target, err)
			}
		})
	}
}

// TestReplay records an image that changes, and sees it change again.
func TestReplay(t *testing.T) {
	path, session := ramFile(t), filepath.Join(t.TempDir(), "session")
	target, err := open.Open("file://"+path, open.Options{Record: session, Version: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	fresh := transport.Fresh(context.Background())
	first := read(t, fresh, target, rng(0x180000, 100), rng(0x2000, 8))
	ram, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err == nil {
		_, err = ram.WriteAt([]byte("moved on"), 0x180000)
		err = errors.Join(err, ram.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	second := read(t, fresh, target, rng(0x180000, 8))
	if err := target.Close(); err != nil {
		t.Fatal(err)
	}

	replay := openTarget(t, "replay://"+session, open.Options{})
	got := read(t, fresh, replay, rng(0x180000, 100), rng(0x2000, 8))
	if diff := cmp.Diff(first, got); diff != "" {
		t.Error(diff)
	}
	for range 2 {
		if diff := cmp.Diff(second, read(t, fresh, replay, rng(0x180000, 8))); diff != "" {
			t.Error(diff)
		}
	}
	if got := read(t, fresh, replay, rng(0x8000, 8))[0].Outcome; got != transport.Forbidden {
		t.Errorf("what was never read: %v", got)
	}
	if replay.Live || len(replay.Extent) != 2 {
		t.Errorf("live %v, extent %v", replay.Live, replay.Extent)
	}
}

func TestRecordOverwritesNothing(t *testing.T) {
	path := ramFile(t)
	target, err := open.Open("file://"+path, open.Options{Record: path})
	if target != nil || !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v, %v", target, err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != 2<<20 {
		t.Errorf("the file is %v, %v", info.Size(), err)
	}
}
