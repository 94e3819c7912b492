package guard_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/guard"
	"github.com/barescope/barescope/transport/rangeset"
)

// link answers with the outcome that its function gives and remembers what
// it was asked, one slice for each batch.
type link struct {
	mu      sync.Mutex
	outcome func(transport.Range) transport.Outcome
	err     error
	asked   [][]transport.Range
}

func (l *link) ReadPhysical(_ context.Context, reads []transport.Read) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var batch []transport.Range
	for i := range reads {
		batch = append(batch, reads[i].Range())
		reads[i].Outcome = transport.Success
		if l.outcome != nil {
			reads[i].Outcome = l.outcome(reads[i].Range())
		}
	}
	l.asked = append(l.asked, batch)
	return l.err
}

func rng(start transport.Address, length uint64) transport.Range {
	return transport.Range{Start: start, Length: length}
}

// read reads ranges and returns the outcomes.
func read(g *guard.Guard, ranges ...transport.Range) ([]transport.Outcome, error) {
	reads := make([]transport.Read, len(ranges))
	for i, r := range ranges {
		reads[i] = transport.Read{Address: r.Start, Data: make([]byte, r.Length)}
	}
	err := g.ReadPhysical(context.Background(), reads)
	outcomes := make([]transport.Outcome, len(reads))
	for i := range reads {
		outcomes[i] = reads[i].Outcome
	}
	return outcomes, err
}

// TestForbidden reads around the edges of what is allowed.
func TestForbidden(t *testing.T) {
	l := &link{}
	g := guard.New(l, guard.LowMemory)
	for name, tc := range map[string]struct {
		give transport.Range
		want transport.Outcome
	}{
		"first page":         {rng(0, 0x1000), transport.Forbidden},
		"first byte":         {rng(0x1000, 1), transport.Success},
		"one byte before":    {rng(0xfff, 2), transport.Forbidden},
		"all":                {rng(0x1000, 0x9e000), transport.Success},
		"last byte":          {rng(0x9efff, 1), transport.Success},
		"one byte behind":    {rng(0x9efff, 2), transport.Forbidden},
		"legacy hole":        {rng(0xa0000, 8), transport.Forbidden},
		"wraps into it":      {rng(^transport.Address(0), 0x2002), transport.Forbidden},
		"nothing, somewhere": {rng(0xa0000, 0), transport.Success},
	} {
		t.Run(name, func(t *testing.T) {
			l.asked = nil
			got, err := read(g, tc.give)
			if err != nil || got[0] != tc.want {
				t.Errorf("got %v, %v", got, err)
			}
			if sent := len(l.asked) > 0; sent != (tc.want == transport.Success && tc.give.Length > 0) {
				t.Errorf("sent %v", l.asked)
			}
		})
	}
}

func TestBatchKeepsOrder(t *testing.T) {
	l := &link{}
	g := guard.New(l, guard.LowMemory)
	got, err := read(g, rng(0, 8), rng(0x2000, 8), rng(0xf0000, 8), rng(0x3000, 8))
	if err != nil {
		t.Fatal(err)
	}
	want := []transport.Outcome{transport.Forbidden, transport.Success, transport.Forbidden, transport.Success}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	sent := [][]transport.Range{{rng(0x2000, 8)}, {rng(0x2000, 8), rng(0x3000, 8)}}
	if diff := cmp.Diff(sent, l.asked); diff != "" {
		t.Error(diff)
	}
}

func TestLegacyHoleIsNeverAllowed(t *testing.T) {
	everything := rng(0, 1<<52)
	for name, widen := range map[string]func(*guard.Guard){
		"New":      func(*guard.Guard) {},
		"Allow":    func(g *guard.Guard) { g.Allow(everything, guard.LegacyHole) },
		"Restrict": func(g *guard.Guard) { g.Restrict([]transport.Range{everything}) },
	} {
		t.Run(name, func(t *testing.T) {
			g := guard.New(&link{}, everything)
			widen(g)
			got, err := read(g, rng(0x9ffff, 1), rng(0x9ffff, 2), rng(0xfffff, 1), rng(0x100000, 1))
			want := []transport.Outcome{transport.Success, transport.Forbidden, transport.Forbidden, transport.Success}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Error(diff, err)
			}
			if diff := cmp.Diff([]transport.Range{rng(0, 0xa0000), rng(0x100000, 1<<52-0x100000)}, g.Allowed()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRestrictEndsWidening(t *testing.T) {
	g := guard.New(&link{}, guard.LowMemory)
	g.Restrict([]transport.Range{rng(0x1000, 0x9ec00), rng(0x100000, 0x100000)})
	g.Allow(rng(0x40000000, 0x1000))
	want := []transport.Range{rng(0x1000, 0x9ec00), rng(0x100000, 0x100000)}
	if diff := cmp.Diff(want, g.Allowed()); diff != "" {
		t.Error(diff)
	}
	g.Restrict([]transport.Range{rng(0x100000, 0x200000)})
	if diff := cmp.Diff([]transport.Range{rng(0x100000, 0x100000)}, g.Allowed()); diff != "" {
		t.Error(diff)
	}
	if g.Allows(rng(0x1000, 8)) || !g.Allows(rng(0x1ffff8, 8)) {
		t.Error("Allows tells otherwise than Allowed")
	}
}

func TestErrorOfTheLink(t *testing.T) {
	l := &link{err: transport.ErrNoLink, outcome: func(transport.Range) transport.Outcome { return transport.NotRead }}
	g := guard.New(l, guard.LowMemory)
	got, err := read(g, rng(0x1000, 8), rng(0x2000, 8))
	if !errors.Is(err, transport.ErrNoLink) || errors.Is(err, transport.ErrReadsRefused) {
		t.Errorf("error is %v", err)
	}
	if diff := cmp.Diff([]transport.Outcome{transport.NotRead, transport.NotRead}, got); diff != "" || len(l.asked) != 1 {
		t.Error(diff, l.asked)
	}
}

// TestNothingOutsideIsSent holds every sequence of calls against the rule
// that no byte goes down that was not allowed at that moment.
func TestNothingOutsideIsSent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &link{}
		drawn := func(label string) []transport.Range {
			one := rapid.Custom(func(t *rapid.T) transport.Range {
				return rng(transport.Address(rapid.Uint64Range(0x9f000, 0x102000).Draw(t, "start")), rapid.Uint64Range(0, 0x2000).Draw(t, "length"))
			})
			return rapid.SliceOfN(one, 0, 4).Draw(t, label)
		}
		g := guard.New(l, drawn("first")...)
		t.Repeat(map[string]func(*rapid.T){
			"allow":    func(*rapid.T) { g.Allow(drawn("allowed")...) },
			"restrict": func(*rapid.T) { g.Restrict(drawn("restricted")) },
			"read": func(t *rapid.T) {
				l.asked = nil
				want := drawn("reads")
				got, err := read(g, want...)
				if err != nil {
					t.Fatal(err)
				}
				allowed := rangeset.Of(g.Allowed()...)
				for i, r := range want {
					if ok := r.Length == 0 || allowed.Contains(r); (got[i] == transport.Success) != ok {
						t.Errorf("%s: %v, allowed are %v", r, got[i], g.Allowed())
					}
				}
				for _, batch := range l.asked {
					for _, r := range batch {
						if !allowed.Contains(r) || rangeset.Of(guard.LegacyHole).Overlaps(r) {
							t.Errorf("%s was sent, allowed are %v", r, g.Allowed())
						}
					}
				}
			},
		})
	})
}
