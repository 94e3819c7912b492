package guest

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/barescope/barescope/internal/lab/truth"
	"github.com/barescope/barescope/internal/lab/wire"
	"github.com/google/go-cmp/cmp"
)

func TestReader(t *testing.T) {
	r := newReader()
	for _, size := range []int{0, 1, 64 << 10, 64<<10 + 1, 300 << 10} {
		path := filepath.Join(t.TempDir(), "file")
		want := bytes.Repeat([]byte("a"), size)
		if err := os.WriteFile(path, want, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := r.copy(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: %d, %v", size, len(got), err)
		}
	}
	if _, err := r.read("/no/such/file"); !os.IsNotExist(err) {
		t.Error(err)
	}
}

func TestStableLines(t *testing.T) {
	status := "Name:\ta\nUmask:\t0022\nState:\tR (running)\nVmRSS:\t1 kB\nUid:\t1\t1\t1\t1\nvoluntary_ctxt_switches:\t7\n"
	if got, want := string(stableLines([]byte(status))), "Name:\ta\nState:\tR (running)\nUid:\t1\t1\t1\t1\n"; got != want {
		t.Errorf("%q", got)
	}
}

func TestCollectSelf(t *testing.T) {
	c := newCollector()
	var raw truth.Raw
	if err := c.collectProcess(&raw, "/proc/self", c.self); err != nil {
		t.Fatal(err)
	}
	stat, err := truth.ParseStat(raw.Tasks[0].Stat)
	if err != nil || stat.PID != c.self || stat.PPID != os.Getppid() {
		t.Errorf("%+v, %v", stat, err)
	}
	if !strings.Contains(string(raw.Tasks[0].Status), "\nState:") {
		t.Errorf("%q", raw.Tasks[0].Status)
	}
	if err := c.collectProcess(&raw, "/proc/no-such-process", 1); err != nil {
		t.Errorf("a process that is gone: %v", err)
	}
}

func TestSame(t *testing.T) {
	base := func() *truth.Raw {
		return &truth.Raw{
			Collector: 5,
			Tasks: []truth.RawTask{
				{TGID: 1, TID: 1, Comm: []byte("a\n"), Status: []byte("State: S\n"), Stat: []byte("1")},
				{TGID: 5, TID: 6, Comm: []byte("agent\n"), Status: []byte("State: R\n")},
			},
			Namespaces: []truth.RawNamespace{{Inode: 1, PID: 1, MountInfo: []byte("m")}},
		}
	}
	tests := []struct {
		name   string
		change func(*truth.Raw)
		want   bool
	}{
		{"nothing", func(*truth.Raw) {}, true},
		{"times", func(r *truth.Raw) { r.Tasks[0].Stat = []byte("2") }, true},
		{"the collector", func(r *truth.Raw) { r.Tasks[1].Status = nil }, true},
		{"a thread of the collector", func(r *truth.Raw) { r.Tasks = r.Tasks[:1] }, true},
		{"a state", func(r *truth.Raw) { r.Tasks[0].Status = []byte("State: R\n") }, false},
		{"a name", func(r *truth.Raw) { r.Tasks[0].Comm = []byte("b\n") }, false},
		{"one task more", func(r *truth.Raw) { r.Tasks = append(r.Tasks, truth.RawTask{TGID: 9, TID: 9}) }, false},
		{"a mount", func(r *truth.Raw) { r.Namespaces[0].MountInfo = nil }, false},
		{"a module", func(r *truth.Raw) { r.Modules = []byte("m") }, false},
	}
	for _, test := range tests {
		changed := base()
		test.change(changed)
		if got := same(base(), changed); got != test.want {
			t.Errorf("%s: %t", test.name, got)
		}
	}
}

func TestAppendFrame(t *testing.T) {
	var runs []wire.PageRun
	for _, frame := range []uint64{7, 8, 9, 3, 4, 1 << 40} {
		runs = appendFrame(runs, frame)
	}
	want := []wire.PageRun{{Frame: 7, Count: 3}, {Frame: 3, Count: 2}, {Frame: 1 << 40, Count: 1}}
	if diff := cmp.Diff(want, runs); diff != "" {
		t.Error(diff)
	}
}

func TestBuffer(t *testing.T) {
	b, err := newBuffer(100)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.free(); err != nil {
			t.Error(err)
		}
	}()
	for _, text := range []string{"a longer text", "a text"} {
		if err := b.store([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := wire.Snapshot(slices.Clone(b.data)); err != nil || string(got) != text {
			t.Errorf("%q, %v", got, err)
		}
	}
	if err := b.store(make([]byte, len(b.data))); err == nil {
		t.Error("stored more than fits")
	}
}

func TestMainRefuses(t *testing.T) {
	for _, args := range [][]string{nil, {"no-such-program"}} {
		if status := Main(args); status != 2 {
			t.Errorf("%q: status %d", args, status)
		}
	}
}
