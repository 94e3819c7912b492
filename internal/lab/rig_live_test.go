//go:build live

package lab

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"testing"

	"github.com/barescope/barescope/transport/adapter"
	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"
)

// program is the guest's program, built once for all tests.
var program string

// Addresses of the adapter in these tests. Those of other packages run at the
// same time.
var (
	listen = netip.MustParseAddr("127.77.0.2")
	client = netip.MustParseAddr("127.77.0.1")
)

// holdArgument makes the test program hold a guest instead of testing, as a
// command of barescope would.
const holdArgument = "hold-a-guest"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == holdArgument {
		ctx, stop := signal.NotifyContext(context.Background(), unix.SIGTERM)
		defer stop()
		err := Hold(ctx, "test", largeGuest(os.Args[2]), adapter.Options{Listen: listen, Client: client})
		fmt.Println(err)
		return
	}
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

// largeGuest has RAM above the hole, 5-level page tables and page-table
// isolation.
func largeGuest(program string) Options {
	return Options{
		Kernel: "linux-image-6.1.0-*-cloud-amd64", Memory: 5120, LA57: true, PTI: true, GuestProgram: program,
	}
}
