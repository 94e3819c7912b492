//go:build live

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/barescope/barescope/internal/lab"
	"github.com/barescope/barescope/internal/lab/truth"
	"github.com/barescope/barescope/transport/adapter"
)

// program builds barescope as it is shipped, once: the tests run it as its
// users do, and it is the workload inside the guests too.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "barescope-live-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "barescope")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w: %s", err, output)
	}
	return path, nil
})

func programPath(t *testing.T) string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// boot starts a guest that ends with the test.
func boot(t *testing.T, o lab.Options) *lab.Guest {
	t.Helper()
	o.GuestProgram = programPath(t)
	o.Log = zerolog.New(zerolog.NewTestWriter(t))
	g, err := lab.Up(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

// snapshot has the guest say what there is to say about it. A guest that does
// not answer fails the test instead of holding it up.
func snapshot(t *testing.T, g *lab.Guest, after lab.After) *truth.Snapshot {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	s, err := g.Snapshot(ctx, after)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// networks numbers the pairs of addresses, so that no two adapters share one.
var networks atomic.Int32

// serve puts an adapter in front of a guest and returns the target's URL. The
// test fails if the adapter saw anything but reads.
func serve(t *testing.T, g *lab.Guest, o adapter.Options) string {
	t.Helper()
	n := byte(networks.Add(1))
	run := byte(100 + os.Getpid()%100) // another run of these tests has other addresses
	o.Listen, o.Client = netip.AddrFrom4([4]byte{127, run, n, 2}), netip.AddrFrom4([4]byte{127, run, n, 1})
	o.Log = zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.WarnLevel)
	s, err := g.Serve(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stats := s.Adapter.Stats()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if stats.Foreign != 0 || stats.Requests == 0 {
			t.Errorf("adapter saw %d requests, %d of them no reads", stats.Requests, stats.Foreign)
		}
	})
	return fmt.Sprintf("nettlp://%s?local=%s", o.Listen, o.Client)
}

// row is a JSON object.
type row map[string]any

func (r row) text(key string) string {
	s, _ := r[key].(string)
	return s
}

func (r row) number(key string) int {
	n, ok := r[key].(float64)
	if !ok {
		return -1
	}
	return int(n)
}

func (r row) list(key string) []string {
	items, _ := r[key].([]any)
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i], _ = item.(string)
	}
	return texts
}

func (r row) time(t *testing.T, key string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, r.text(key))
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return at
}

// rows runs a command that prints JSON rows.
func rows(t *testing.T, target string, args ...string) []row {
	t.Helper()
	var list []row
	decode(t, &list, target, args)
	return list
}

// record runs a command that prints one JSON object.
func record(t *testing.T, target string, args ...string) row {
	t.Helper()
	var r row
	decode(t, &r, target, args)
	return r
}

func decode(t *testing.T, into any, target string, args []string) {
	t.Helper()
	stdout, stderr, err := execute(t, append([]string{"-t", target, "-o", "json", "-v"}, args...))
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, stderr)
	}
	t.Logf("%v: %s", args, stderr)
	if err := json.Unmarshal(stdout, into); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, stdout)
	}
}

func execute(t *testing.T, args []string) (stdout, stderr []byte, err error) {
	t.Helper()
	var out, log bytes.Buffer
	c := exec.CommandContext(t.Context(), programPath(t), args...)
	c.Stdout, c.Stderr = &out, &log
	err = c.Run()
	return out.Bytes(), log.Bytes(), err
}

// exitCode runs a command and returns its exit code and what it printed.
func exitCode(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	out, log, err := execute(t, args)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode(), string(out), string(log)
	}
	if err != nil {
		t.Fatal(err)
	}
	return 0, string(out), string(log)
}
