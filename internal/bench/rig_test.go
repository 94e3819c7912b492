//go:build bench

package bench

import (
	"net/netip"
	"os"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/barescope/barescope/internal/kc705"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/nettlp"
)

// The machines that are measured. The number of processes is what is spawned;
// the workload has some more.
var (
	small  = Machine{Memory: 1024}
	tasks  = []Machine{{Memory: 1024, Spawn: 100}, {Memory: 1024, Spawn: 1000}, {Memory: 3072, Spawn: 10000}}
	bigger = []Machine{small, {Memory: 8192}, {Memory: 65536}}
	others = []Machine{{Kernel: "linux-image-5.10.0-32-amd64", Memory: 1024, Spawn: 1000},
		{Kernel: "linux-image-6.1.0-*-amd64", Memory: 1024, Spawn: 1000}}
)

// snapshot returns that of a machine, which is booted when it is not in the
// cache.
func snapshot(tb testing.TB, m Machine) *Snapshot {
	tb.Helper()
	s, err := Lab{Log: zerolog.New(os.Stderr)}.Snapshot(tb.Context(), m)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// onModel runs something in a bubble with a client of the model of the card.
// The client is closed by it.
func onModel(t *testing.T, s *Snapshot, mrrs int, do func(t *testing.T, c *nettlp.Client)) {
	inBubble(t, s, func(t *testing.T, ram transport.Memory) {
		c, err := nettlp.New(kc705.New(ram, kc705.Options{Seed: 1}), nettlp.Options{MRRS: mrrs})
		if err != nil {
			t.Fatal(err)
		}
		do(t, c)
	})
}

// inBubble runs something on virtual time with a snapshot's memory.
func inBubble(t *testing.T, s *Snapshot, do func(t *testing.T, ram transport.Memory)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ram, err := s.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer ram.Close()
		do(t, ram)
	})
}

// mustOpen opens the kernel behind a link.
func mustOpen(tb testing.TB, link transport.Memory) *target {
	tb.Helper()
	x, err := openTarget(tb.Context(), link)
	if err != nil {
		tb.Fatal(err)
	}
	return x
}

// mustList lists processes: they are those that the guest named.
func mustList(tb testing.TB, x *target, s *Snapshot) int {
	tb.Helper()
	got, err := x.processes(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	compare(tb, s, got)
	return len(got)
}

func compare(tb testing.TB, s *Snapshot, pids []int) {
	tb.Helper()
	pids = slices.DeleteFunc(slices.Sorted(slices.Values(pids)), func(pid int) bool {
		return pid == 0 || pid == s.Collector // the idle task is no process
	})
	if diff := cmp.Diff(s.Processes, pids); diff != "" {
		tb.Errorf("processes (-guest +barescope):\n%s", diff)
	}
}

// The addresses of the adapter and its client on the loopback interface.
var adapterAddress, ownAddress = netip.AddrFrom4([4]byte{127, 97, 0, 2}), netip.AddrFrom4([4]byte{127, 97, 0, 1})

// onLoopback runs something with a software adapter for a snapshot.
func onLoopback(tb testing.TB, s *Snapshot, o serveOptions, do func()) *Service {
	tb.Helper()
	o.Listen, o.Client = adapterAddress, ownAddress
	service, err := serve(tb.Context(), s, o)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() {
		if err := service.Close(); err != nil {
			tb.Error(err)
		}
	}()
	do()
	return service
}

func mustDial(tb testing.TB, mrrs int) *nettlp.Client {
	tb.Helper()
	c, err := nettlp.Dial(nettlp.Options{Target: adapterAddress, Local: ownAddress, MRRS: mrrs})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}
