package cache_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/cache"
)

// ram is memory that counts what it is asked. Each byte's value comes from its
// address and a generation that the test moves on.
type ram struct {
	mu         sync.Mutex
	generation byte
	outcome    func(transport.Range) transport.Outcome
	err        error
	asked      [][]transport.Range
}

func (m *ram) ReadPhysical(_ context.Context, reads []transport.Read) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var batch []transport.Range
	for i := range reads {
		r := &reads[i]
		batch = append(batch, r.Range())
		r.Outcome = transport.Success
		if m.outcome != nil {
			r.Outcome = m.outcome(r.Range())
		}
		copy(r.Data, m.content(r.Range()))
	}
	m.asked = append(m.asked, batch)
	return m.err
}

func (m *ram) content(r transport.Range) []byte {
	b := make([]byte, r.Length)
	for i := range b {
		at := uint64(r.Start) + uint64(i)
		b[i] = byte(at) ^ byte(at>>8) ^ byte(at>>16) ^ m.generation
	}
	return b
}

func rng(start transport.Address, length uint64) transport.Range {
	return transport.Range{Start: start, Length: length}
}

// read reads ranges, which must succeed, and checks their content.
func (m *ram) read(t testing.TB, ctx context.Context, c *cache.Cache, ranges ...transport.Range) {
	t.Helper()
	m.asked = nil
	for i, r := range submit(t, ctx, c, ranges...) {
		if r.Outcome != transport.Success {
			t.Errorf("%s: %v", ranges[i], r.Outcome)
		} else if !bytes.Equal(r.Data, m.content(ranges[i])) {
			t.Errorf("%s: wrong bytes", ranges[i])
		}
	}
}

func submit(t testing.TB, ctx context.Context, c *cache.Cache, ranges ...transport.Range) []transport.Read {
	t.Helper()
	reads := make([]transport.Read, len(ranges))
	for i, r := range ranges {
		reads[i] = transport.Read{Address: r.Start, Data: make([]byte, r.Length)}
	}
	if err := c.ReadPhysical(ctx, reads); err != nil {
		t.Fatal(err)
	}
	return reads
}

// TestReadsAreMerged shows what a batch becomes below: one call, whole lines,
// those together that save a request of 512 bytes, nothing twice.
func TestReadsAreMerged(t *testing.T) {
	for name, tc := range map[string]struct{ give, want []transport.Range }{
		"widened":               {[]transport.Range{rng(0x1008, 8)}, []transport.Range{rng(0x1000, 64)}},
		"same line":             {[]transport.Range{rng(0x1000, 8), rng(0x1038, 8), rng(0x1000, 8)}, []transport.Range{rng(0x1000, 64)}},
		"over two lines":        {[]transport.Range{rng(0x103c, 8)}, []transport.Range{rng(0x1000, 128)}},
		"neighbours":            {[]transport.Range{rng(0x1040, 8), rng(0x1000, 8)}, []transport.Range{rng(0x1000, 128)}},
		"over two pages":        {[]transport.Range{rng(0x1ffc, 8)}, []transport.Range{rng(0x1fc0, 128)}},
		"apart":                 {[]transport.Range{rng(0x1000, 8), rng(0x1200, 8)}, []transport.Range{rng(0x1000, 64), rng(0x1200, 64)}},
		"in reach":              {[]transport.Range{rng(0x11f8, 8), rng(0x1000, 8)}, []transport.Range{rng(0x1000, 512)}},
		"two requests":          {[]transport.Range{rng(0x1000, 320), rng(0x1180, 640)}, []transport.Range{rng(0x1000, 1024)}},
		"as many requests":      {[]transport.Range{rng(0x1000, 64), rng(0x1180, 512)}, []transport.Range{rng(0x1000, 64), rng(0x1180, 512)}},
		"not over two pages":    {[]transport.Range{rng(0x1f80, 8), rng(0x2040, 8)}, []transport.Range{rng(0x1f80, 64), rng(0x2040, 64)}},
		"end of a long one":     {[]transport.Range{rng(0x1000, 1100), rng(0x1500, 8)}, []transport.Range{rng(0x1000, 0x540)}},
		"in the order of lines": {[]transport.Range{rng(0x9000, 8), rng(0x1000, 8)}, []transport.Range{rng(0x1000, 64), rng(0x9000, 64)}},
		"long":                  {[]transport.Range{rng(0x1001, 1<<20)}, []transport.Range{rng(0x1000, 1<<20+64)}},
		"nothing":               {[]transport.Range{rng(0x1000, 0)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			m := &ram{}
			m.read(t, context.Background(), cache.New(m, cache.Options{}), tc.give...)
			if tc.want == nil && len(m.asked) == 0 {
				return
			}
			if diff := cmp.Diff([][]transport.Range{tc.want}, m.asked); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestReach has requests of another size.
func TestReach(t *testing.T) {
	give := []transport.Range{rng(0x1000, 8), rng(0x1140, 8), rng(0x1600, 8), rng(0x1c00, 8)}
	for reach, want := range map[int][]transport.Range{
		64:   {rng(0x1000, 64), rng(0x1140, 64), rng(0x1600, 64), rng(0x1c00, 64)},
		512:  {rng(0x1000, 384), rng(0x1600, 64), rng(0x1c00, 64)},
		2048: {rng(0x1000, 384), rng(0x1600, 64), rng(0x1c00, 64)}, // gaps are too wide
	} {
		m := &ram{}
		m.read(t, context.Background(), cache.New(m, cache.Options{Reach: reach}), give...)
		if diff := cmp.Diff([][]transport.Range{want}, m.asked); diff != "" {
			t.Errorf("reach %d:\n%s", reach, diff)
		}
	}
}

func TestOnlyWhatIsMissingIsRead(t *testing.T) {
	m := &ram{}
	c := cache.New(m, cache.Options{})
	m.read(t, context.Background(), c, rng(0x1040, 64), rng(0x2000, 4096))
	m.read(t, context.Background(), c, rng(0x1000, 256), rng(0x1fff, 1), rng(0x2fff, 2))
	want := [][]transport.Range{{rng(0x1000, 256), rng(0x1fc0, 64), rng(0x3000, 64)}}
	if diff := cmp.Diff(want, m.asked); diff != "" {
		t.Error(diff)
	}
	m.read(t, context.Background(), c, rng(0x1000, 256), rng(0x2fc1, 100))
	if m.asked != nil {
		t.Errorf("asked again for %v", m.asked)
	}
}

func TestAdvance(t *testing.T) {
	m := &ram{}
	c := cache.New(m, cache.Options{})
	m.read(t, context.Background(), c, rng(0x1000, 0x2000))
	c.Pin(rng(0x1000, 0x1000), rng(0x2000, 0x78))
	c.Advance()
	reads := submit(t, context.Background(), c, rng(0x1000, 0x1040))
	if len(m.asked) != 1 || reads[0].Outcome != transport.Success {
		t.Errorf("pinned memory was asked for again: %v", m.asked)
	}
	m.generation++
	m.read(t, context.Background(), c, rng(0x2040, 8), rng(0x2f00, 8)) // a line that is pinned in part is not pinned
	if diff := cmp.Diff([][]transport.Range{{rng(0x2040, 64), rng(0x2f00, 64)}}, m.asked); diff != "" {
		t.Error(diff)
	}
}

func TestFresh(t *testing.T) {
	m := &ram{}
	c := cache.New(m, cache.Options{})
	m.read(t, context.Background(), c, rng(0x1000, 128))
	m.generation++
	m.read(t, transport.Fresh(context.Background()), c, rng(0x1000, 8))
	if diff := cmp.Diff([][]transport.Range{{rng(0x1000, 64)}}, m.asked); diff != "" {
		t.Error(diff)
	}
	m.read(t, context.Background(), c, rng(0x1000, 64)) // what was fresh is kept
	if m.asked != nil {
		t.Errorf("asked again for %v", m.asked)
	}
}

func TestLimit(t *testing.T) {
	m := &ram{}
	c := cache.New(m, cache.Options{Limit: 2 * transport.PageSize})
	m.read(t, context.Background(), c, rng(0, 16*transport.PageSize))
	kept := 0
	for page := range transport.Address(16) {
		m.read(t, context.Background(), c, rng(page*transport.PageSize, 8))
		if m.asked == nil {
			kept++
		}
	}
	if kept > 2 {
		t.Errorf("%d pages were kept", kept)
	}
	m.read(t, context.Background(), c, rng(15*transport.PageSize, 8))
	if m.asked != nil {
		t.Error("the page read last was not kept")
	}
}

// TestAdvanceDuringRead starts an epoch while a read is on its way: what
// arrives is the answer, but is stale.
func TestAdvanceDuringRead(t *testing.T) {
	m := &ram{}
	c := cache.New(m, cache.Options{})
	c.Pin(rng(0x2000, 0x1000))
	m.outcome = func(transport.Range) transport.Outcome { c.Advance(); return transport.Success }
	m.read(t, context.Background(), c, rng(0x1000, 8), rng(0x2000, 8))
	m.outcome = nil
	m.read(t, context.Background(), c, rng(0x1000, 8), rng(0x2000, 8))
	if diff := cmp.Diff([][]transport.Range{{rng(0x1000, 64)}}, m.asked); diff != "" {
		t.Error(diff)
	}
}

func TestErrorBelow(t *testing.T) {
	m := &ram{err: transport.ErrNoLink, outcome: func(r transport.Range) transport.Outcome {
		if r.Start == 0x1000 {
			return transport.Success
		}
		return transport.NotRead
	}}
	c := cache.New(m, cache.Options{})
	reads := []transport.Read{{Address: 0x1000, Data: make([]byte, 8)}, {Address: 0x2000, Data: make([]byte, 8)}}
	if err := c.ReadPhysical(context.Background(), reads); !errors.Is(err, transport.ErrNoLink) {
		t.Errorf("error is %v", err)
	}
	if reads[0].Outcome != transport.Success || reads[1].Outcome != transport.NotRead || len(m.asked) != 1 {
		t.Errorf("got %v, %v after %v", reads[0].Outcome, reads[1].Outcome, m.asked)
	}
	m.err = nil
	m.read(t, context.Background(), c, rng(0x1000, 8))
	if m.asked != nil {
		t.Error("what had arrived before the error was not kept")
	}
}

// TestConcurrent is for the race detector: reads, epochs and pins at once.
func TestConcurrent(t *testing.T) {
	m := &ram{}
	c := cache.New(m, cache.Options{Limit: 4 * transport.PageSize})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 50 {
				r := rng(transport.Address((i*7+j*13)%32*1000), 3000)
				got := submit(t, context.Background(), c, r)[0]
				if got.Outcome != transport.Success || !bytes.Equal(got.Data, m.content(r)) {
					t.Errorf("%s: %v or wrong bytes", r, got.Outcome)
				}
				if j%10 == 0 {
					c.Advance()
					c.Pin(rng(transport.Address(i)*0x1000, 0x800))
				}
			}
		})
	}
	wg.Wait()
}

// TestAgainstMemory holds batches of every shape against memory itself.
func TestAgainstMemory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &ram{}
		c := cache.New(m, cache.Options{Limit: rapid.IntRange(1, 8).Draw(t, "pages") * transport.PageSize})
		for range rapid.IntRange(1, 5).Draw(t, "batches") {
			if rapid.Bool().Draw(t, "advance") {
				c.Advance()
				m.generation++
			}
			reads := make([]transport.Read, rapid.IntRange(0, 6).Draw(t, "reads"))
			for i := range reads {
				reads[i].Address = transport.Address(rapid.IntRange(0, 5*transport.PageSize).Draw(t, "address"))
				reads[i].Data = make([]byte, rapid.IntRange(0, 2*transport.PageSize).Draw(t, "length"))
			}
			m.asked = nil
			if err := c.ReadPhysical(context.Background(), reads); err != nil {
				t.Fatal(err)
			}
			for i := range reads {
				if r := &reads[i]; r.Outcome != transport.Success || !bytes.Equal(r.Data, m.content(r.Range())) {
					t.Fatalf("%s: %v or wrong bytes", r.Range(), r.Outcome)
				}
			}
			if len(m.asked) > 1 {
				t.Fatalf("%d calls", len(m.asked))
			}
		}
	})
}

// BenchmarkReadOnlyData reads as much as a kernel's read-only data.
func BenchmarkReadOnlyData(b *testing.B) {
	m := discard{}
	data := make([]byte, 14<<20)
	for b.Loop() {
		c := cache.New(m, cache.Options{})
		reads := []transport.Read{{Address: 0x39c00000, Data: data}}
		if err := c.ReadPhysical(context.Background(), reads); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(data)))
}

// BenchmarkFields reads many small fields, as a walk does.
func BenchmarkFields(b *testing.B) {
	m := discard{}
	reads := make([]transport.Read, 16384)
	for i := range reads {
		reads[i] = transport.Read{Address: transport.Address(i * 1300), Data: make([]byte, 24)}
	}
	for b.Loop() {
		c := cache.New(m, cache.Options{})
		if err := c.ReadPhysical(context.Background(), reads); err != nil {
			b.Fatal(err)
		}
	}
}

type discard struct{}

func (discard) ReadPhysical(_ context.Context, reads []transport.Read) error {
	for i := range reads {
		reads[i].Outcome = transport.Success
	}
	return nil
}
