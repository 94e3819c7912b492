package nettlp_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/adapter"
	"github.com/barescope/barescope/transport/nettlp"
)

// memorySize is the size of the memory behind the adapter.
const memorySize = 4 << 20

// backing is memory full of random bytes.
type backing []byte

var memory = sync.OnceValue(func() backing {
	m := make(backing, memorySize)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range m {
		m[i] = byte(random.Uint32())
	}
	return m
})

// ReadPhysical implements transport.Memory.
func (m backing) ReadPhysical(_ context.Context, reads []transport.Read) error {
	for i := range reads {
		r := &reads[i]
		r.Outcome = transport.Absent
		if r.Range().End() <= transport.Address(len(m)) {
			copy(r.Data, m[r.Address:])
			r.Outcome = transport.Success
		}
	}
	return nil
}

// addresses hands out pairs of loopback addresses, since all adapters use the
// same ports; process keeps those of another run of these tests apart.
var (
	addresses atomic.Uint32
	process   = byte(200 + os.Getpid()%50)
)

// connect runs an adapter and returns a client of it, until the test ends.
// Then the client must have sent nothing but reads.
func connect(tb testing.TB, ao adapter.Options, co nettlp.Options) *nettlp.Client {
	tb.Helper()
	n := byte(addresses.Add(1))
	ao.Listen, ao.Client = netip.AddrFrom4([4]byte{127, process, n, 12}), netip.AddrFrom4([4]byte{127, process, n, 11})
	co.Target, co.Local = ao.Listen, ao.Client
	serve(tb, ao)
	c, err := nettlp.Dial(co)
	if err != nil {
		tb.Fatalf("Dial: %v", err)
	}
	tb.Cleanup(func() { c.Close() })
	return c
}

func serve(tb testing.TB, o adapter.Options) {
	tb.Helper()
	a, err := adapter.New(memory(), o)
	if err != nil {
		tb.Fatalf("adapter: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- a.Run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			tb.Errorf("adapter: %v", err)
		}
	})
}

// TestReadsEqualTheMemory reads random batches over good and bad networks.
func TestReadsEqualTheMemory(t *testing.T) {
	for _, tt := range []struct {
		name    string
		adapter adapter.Options
		client  nettlp.Options
	}{
		{"as on the real card", adapter.Options{MPS: 128}, nettlp.Options{}},
		{"completions of 64 bytes", adapter.Options{MPS: 64, MRRS: 4096}, nettlp.Options{MRRS: 4096}},
		{"one tag", adapter.Options{}, nettlp.Options{Tags: 1}},
		{"all tags", adapter.Options{Tags: 256, MRRS: 128}, nettlp.Options{Tags: 256, MRRS: 128}},
		{"fewer tags than the client thinks", adapter.Options{Tags: 16}, nettlp.Options{Tags: 32}},
		{"2% loss, duplication, reordering", adapter.Options{MPS: 64, Loss: 0.02, Duplicate: 0.02, Reorder: 0.02}, nettlp.Options{}},
		{"the same with whole pages", adapter.Options{MPS: 64, MRRS: 4096, Loss: 0.02, Duplicate: 0.02, Reorder: 0.02}, nettlp.Options{MRRS: 4096}},
		{"everything twice and in disorder", adapter.Options{MPS: 64, Duplicate: 1, Reorder: 1}, nettlp.Options{}},
		{"a queue of 2 KiB that overruns", adapter.Options{FIFO: 2048, MPS: 64}, nettlp.Options{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := connect(t, tt.adapter, tt.client)
			rapid.Check(t, func(rt *rapid.T) {
				reads := rapid.SliceOfN(rapid.Custom(drawRead), 1, 32).Draw(rt, "reads")
				if err := c.ReadPhysical(t.Context(), reads); err != nil {
					rt.Fatalf("ReadPhysical: %v", err)
				}
				for _, r := range reads {
					want := memory()[r.Address:r.Range().End()]
					if r.Outcome != transport.Success || !bytes.Equal(r.Data, want) {
						rt.Fatalf("%s: %s, data as in memory: %v", r.Range(), r.Outcome, bytes.Equal(r.Data, want))
					}
				}
			})
			t.Logf("counters: %+v", c.Stats())
		})
	}
}

func drawRead(t *rapid.T) transport.Read {
	length := rapid.IntRange(1, 10000).Draw(t, "length")
	return transport.Read{
		Address: transport.Address(rapid.IntRange(0, memorySize-length).Draw(t, "address")),
		Data:    make([]byte, length),
	}
}

func TestHolesAndRefusals(t *testing.T) {
	inRAM := transport.Read{Address: 0x1000, Data: make([]byte, 8)}
	hole := transport.Read{Address: memorySize, Data: make([]byte, 8)}
	for _, tt := range []struct {
		name    string
		adapter adapter.Options
		reads   []transport.Read
		want    []transport.Outcome
		err     error
	}{
		{"unsupported request", adapter.Options{}, []transport.Read{inRAM, hole},
			[]transport.Outcome{transport.Success, transport.UnsupportedRequest}, nil},
		{"completer abort", adapter.Options{Holes: adapter.CompleterAbort}, []transport.Read{hole, inRAM},
			[]transport.Outcome{transport.CompleterAbort, transport.Success}, nil},
		{"silence", adapter.Options{Holes: adapter.Silence}, []transport.Read{inRAM, hole},
			[]transport.Outcome{transport.Success, transport.Timeout}, nil},
		{"bus mastering off", adapter.Options{BusMasterOff: true}, []transport.Read{inRAM, inRAM},
			[]transport.Outcome{transport.Timeout, transport.NotRead}, transport.ErrReadsRefused},
		{"IOMMU in silence", adapter.Options{RefuseAll: adapter.Silence}, []transport.Read{inRAM, inRAM},
			[]transport.Outcome{transport.Timeout, transport.NotRead}, transport.ErrReadsRefused},
		{"IOMMU that says so", adapter.Options{RefuseAll: adapter.UnsupportedRequest}, []transport.Read{inRAM, inRAM},
			[]transport.Outcome{transport.UnsupportedRequest, transport.UnsupportedRequest}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := connect(t, tt.adapter, nettlp.Options{Timeout: 50 * time.Millisecond})
			reads := append([]transport.Read(nil), tt.reads...)
			if err := c.ReadPhysical(t.Context(), reads); !errors.Is(err, tt.err) {
				t.Errorf("ReadPhysical: %v, want %v", err, tt.err)
			}
			for i := range reads {
				if reads[i].Outcome != tt.want[i] {
					t.Errorf("read %d: %s, want %s", i, reads[i].Outcome, tt.want[i])
				}
			}
			if err := c.Probe(t.Context()); err != nil {
				t.Errorf("Probe: %v", err)
			}
		})
	}
}

// TestManyCallers has callers that read at the same time.
func TestManyCallers(t *testing.T) {
	c := connect(t, adapter.Options{Loss: 0.01}, nettlp.Options{})
	var callers sync.WaitGroup
	for n := range 8 {
		callers.Go(func() {
			reads := make([]transport.Read, 64)
			for i := range reads {
				reads[i] = transport.Read{Address: transport.Address((n*64 + i) * 4096), Data: make([]byte, 4096)}
			}
			if err := c.ReadPhysical(t.Context(), reads); err != nil {
				t.Errorf("ReadPhysical: %v", err)
				return
			}
			for _, r := range reads {
				if !bytes.Equal(r.Data, memory()[r.Address:r.Range().End()]) {
					t.Errorf("%s differs from the memory", r.Range())
				}
			}
		})
	}
	callers.Wait()
}
