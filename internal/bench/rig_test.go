//go:build bench

package bench

import (
	"context"
	"net/netip"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

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
	others = []Machine{
		{Kernel: "linux-image-5.10.0-32-amd64", Memory: 1024},
		{Kernel: "linux-image-6.1.0-*-amd64", Memory: 1024},
	}
	otherTasks = []Machine{
		{Kernel: "linux-image-5.10.0-32-amd64", Memory: 1024, Spawn: 1000},
		{Kernel: "linux-image-6.1.0-*-amd64", Memory: 1024, Spawn: 1000},
	}
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

// network numbers pairs of addresses on the loopback interface, so that the
// baseline and barescope can take turns, each with an adapter of its own.
type network byte

func (n network) adapter() netip.Addr { return netip.AddrFrom4([4]byte{127, 97, byte(n), 2}) }

func (n network) client() netip.Addr { return netip.AddrFrom4([4]byte{127, 97, byte(n), 1}) }

// serve puts a software adapter in front of a snapshot until stop is called,
// which returns the processor time that it took.
func (n network) serve(tb testing.TB, s *Snapshot, o serveOptions) (stop func() time.Duration) {
	tb.Helper()
	o.Listen, o.Client = n.adapter(), n.client()
	service, err := serve(context.Background(), s, o)
	if err != nil {
		tb.Fatal(err)
	}
	return func() time.Duration {
		if err := service.Close(); err != nil {
			tb.Error(err)
		}
		return service.CPU()
	}
}

// dial returns a client of the network's adapter.
func (n network) dial(tb testing.TB, mrrs int) *nettlp.Client {
	tb.Helper()
	c, err := nettlp.Dial(nettlp.Options{Target: n.adapter(), Local: n.client(), MRRS: mrrs})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// socket returns what the baseline asks the network's adapter with.
func (n network) socket(tb testing.TB, tag uint8) *Socket {
	tb.Helper()
	s, err := DialSocket(n.client(), n.adapter(), tag)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// fastest has several things done in turn, and returns what each took when it
// was quickest: what else the machine does can only make it slower.
func fastest(rounds int, do ...func()) []time.Duration {
	times := make([]time.Duration, len(do))
	for range rounds {
		for i := range do {
			start := time.Now()
			do[i]()
			if took := time.Since(start); times[i] == 0 || took < times[i] {
				times[i] = took
			}
		}
	}
	return times
}
