//go:build live

package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/barescope/barescope/internal/lab"
	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/open"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/image"
	memory "github.com/barescope/barescope/transport/open"
)

// TestLiveHiddenProcess unlinks a process from the task list in a copy of a
// guest's memory, as a rootkit does, and expects that it is listed and that
// the row says what was done to it; and that no other row says anything.
func TestLiveHiddenProcess(t *testing.T) {
	g := boot(t, lab.Options{Kernel: "linux-image-6.1.0-*-amd64"})
	snapshot(t, g, lab.Freeze)
	copied := copyRAM(t, g)
	before := rows(t, copied.url, "ps")
	victim := slices.IndexFunc(before, func(r row) bool { return r.text("name") == "user" })
	if victim < 0 {
		t.Fatal("the guest has no process called user")
	}
	copied.unlink(t, before[victim].text("address"))

	after := rows(t, copied.url, "ps")
	if len(before) != len(after) || len(after) < minimum {
		t.Fatalf("%d rows before, %d after", len(before), len(after))
	}
	for i, r := range after {
		want := []string{}
		if i == victim {
			want = []string{"not-in-task-list"}
		}
		if !slices.Equal(r.list("doubt"), want) || r.number("pid") != before[i].number("pid") {
			t.Errorf("pid %d, %q, is doubted with %q, want %q", r.number("pid"), r.text("name"), r.list("doubt"), want)
		}
	}
	code, stdout, _ := exitCode(t, "-t", copied.url, "--strict", "ps")
	if code != exitDoubt || !strings.Contains(stdout, "not-in-task-list") {
		t.Errorf("--strict: exit code %d, output\n%s", code, stdout)
	}
}

// ramCopy is a copy of a guest's memory that can be tampered with.
type ramCopy struct {
	path, url string
	pieces    []image.Piece
}

func copyRAM(t *testing.T, g *lab.Guest) *ramCopy {
	t.Helper()
	c := &ramCopy{path: filepath.Join(t.TempDir(), "ram"), pieces: g.Pieces()}
	if output, err := exec.Command("cp", "--sparse=always", g.RAMFile(), c.path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	texts := make([]string, len(c.pieces))
	for i, p := range c.pieces {
		texts[i] = p.String()
	}
	c.url = fmt.Sprintf("file://%s?pieces=%s", c.path, strings.Join(texts, ","))
	return c
}

// unlink makes a task's neighbours in the task list point at each other.
func (c *ramCopy) unlink(t *testing.T, task string) {
	t.Helper()
	address, err := strconv.ParseUint(task, 0, 64)
	if err != nil {
		t.Fatal(err)
	}
	m, err := memory.Open(c.url, memory.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	k, err := open.Open(t.Context(), open.Options{Memory: m.Memory, Fence: m.Guard, Cache: m.Cache, Extent: m.Extent})
	if err != nil {
		t.Fatal(err)
	}
	typ, err := k.Type(t.Context(), layout.Struct, "task_struct", "tasks")
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := typ.Field("tasks")
	if err != nil {
		t.Fatal(err)
	}
	var links [16]byte
	read := []oracle.Read{{Address: oracle.Address(address + tasks.Offset), Data: links[:]}}
	if err := k.ReadVirtual(t.Context(), read); err != nil || read[0].Outcome != transport.Success {
		t.Fatalf("links of the task: %v, %v", read[0].Outcome, err)
	}
	next, previous := binary.LittleEndian.Uint64(links[:]), binary.LittleEndian.Uint64(links[8:])
	c.write(t, k, oracle.Address(next)+8, previous)
	c.write(t, k, oracle.Address(previous), next)
}

// write changes eight bytes of the copy.
func (c *ramCopy) write(t *testing.T, k *open.Kernel, at oracle.Address, value uint64) {
	t.Helper()
	where, err := k.Translate(t.Context(), []oracle.Address{at})
	if err != nil || where[0].Outcome != transport.Success {
		t.Fatalf("%s: %v, %v", at, where[0].Outcome, err)
	}
	f, err := os.OpenFile(c.path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range c.pieces {
		if offset := uint64(where[0].Physical - p.Physical); where[0].Physical >= p.Physical && offset < p.Length {
			if _, err := f.WriteAt(binary.LittleEndian.AppendUint64(nil, value), int64(p.Offset+offset)); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatalf("%s lies in no piece", where[0].Physical)
}
