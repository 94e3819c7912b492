//go:build live

package lab

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rs/zerolog"
)

// program is the guest's program, built once for all tests.
var program string

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "barescope-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "guestprogram")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", program, "./testdata/guestprogram")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		panic(err)
	}
	return m.Run()
}

// up starts a guest that ends with the test.
func up(t *testing.T, o Options) *Guest {
	t.Helper()
	o.GuestProgram = program
	o.Log = zerolog.New(zerolog.NewTestWriter(t))
	g, err := Up(t.Context(), o)
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
