package lab

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/barescope/barescope/internal/lab/wire"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// testRegistry is a registry that nobody else sees.
func testRegistry(t *testing.T) registry {
	t.Helper()
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	r, err := openRegistry()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRegistry(t *testing.T) {
	r := testRegistry(t)
	if _, err := Find(""); !errors.Is(err, ErrNotRunning) {
		t.Errorf("nothing there: %v", err)
	}
	lock, err := r.take(DefaultName)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Find(""); !errors.Is(err, ErrNotRunning) {
		t.Errorf("starting: %v", err)
	}
	want := &State{
		Name: DefaultName, PID: os.Getpid(), Kernel: "linux-image-1", Memory: 1024,
		Listen: netip.MustParseAddr("127.0.0.2"), Client: netip.MustParseAddr("127.0.0.1"),
	}
	if err := r.write(want); err != nil {
		t.Fatal(err)
	}
	got, err := Find("")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Error(diff)
	}
	if got.Target() != "nettlp://127.0.0.2?local=127.0.0.1" {
		t.Error(got.Target())
	}
	if all, err := List(); err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	}
	if _, err := Start(t.Context(), ""); !errors.Is(err, ErrRunning) {
		t.Errorf("a second one: %v", err)
	}
	lock.Close()
	if all, err := List(); err != nil || len(all) != 0 {
		t.Errorf("killed: %v, %v", all, err)
	}
	if _, err := os.Stat(r.path(DefaultName, ".json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its state is left: %v", err)
	}
}

func TestRegistryIsPrivate(t *testing.T) {
	r := testRegistry(t)
	if err := os.Chmod(r.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(""); err == nil || errors.Is(err, ErrNotRunning) {
		t.Error(err)
	}
}

func TestNames(t *testing.T) {
	testRegistry(t)
	for _, name := range []string{"../x", "a b", "a.json", strings.Repeat("a", 33), "*"} {
		if _, err := Find(name); !errors.Is(err, ErrBadName) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestControl(t *testing.T) {
	r := testRegistry(t)
	listener, err := net.Listen("unix", r.path("test", ".socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	downed := make(chan struct{})
	k := &keeper{
		guest: fakeGuest(t, func(r wire.Request) wire.Reply {
			return wire.Reply{ID: r.ID, Output: []byte(r.Command), Status: r.Count}
		}),
		down: func() { close(downed) },
	}
	go k.serve(t.Context(), listener)
	s := &State{Name: "test"}
	if got, err := s.Run(t.Context(), "a\nb"); err != nil || got != "a\nb" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := s.call(t.Context(), controlRequest{Operation: "nonsense"}); !errors.Is(err, ErrControl) {
		t.Error(err)
	}
	if err := s.Down(t.Context()); err != nil {
		t.Error(err)
	}
	<-downed
	if _, err := (&State{Name: "other"}).Run(t.Context(), "a"); !errors.Is(err, ErrNotRunning) {
		t.Error(err)
	}
}
