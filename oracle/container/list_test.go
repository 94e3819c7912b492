package container

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
)

func TestListsOfEveryLength(t *testing.T) {
	for n := range 12 {
		m := newMemory()
		var nodes []oracle.Address
		for i := range n {
			nodes = append(nodes, at(i+1))
		}
		m.list(append(ats(0), nodes...)...)
		got, err := Lists(t.Context(), m, ats(0), 100)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]Chain{{Nodes: nodes}}, got); diff != "" {
			t.Errorf("%d nodes (-want +got):\n%s", n, diff)
		}
		if want := (n+1)/2 + 1; m.batches != want {
			t.Errorf("%d nodes took %d batches, want %d", n, m.batches, want)
		}
	}
}

func TestListsTogether(t *testing.T) {
	m := newMemory()
	m.list(ats(0, 1, 2, 3, 4)...)
	m.list(ats(10, 11)...)
	m.list(at(20))
	got, err := Lists(t.Context(), m, ats(0, 10, 20, 0), 100)
	if err != nil {
		t.Fatal(err)
	}
	want := []Chain{{Nodes: ats(1, 2, 3, 4)}, {Nodes: ats(11)}, {}, {Nodes: ats(1, 2, 3, 4)}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("chains (-want +got):\n%s", diff)
	}
	if m.batches != 3 {
		t.Errorf("took %d batches, want 3", m.batches)
	}
}

func TestListsThatAreWrong(t *testing.T) {
	const poison oracle.Address = 0xdead000000000100
	tests := []struct {
		name   string
		damage func(m *memory) // of a list 0 -> 1 2 3 4 5 6 -> 0
		want   Chain
	}{
		{"node in the middle is unmapped", func(m *memory) { delete(m.words, at(3)) },
			Chain{ats(1, 2, 4, 5, 6), Unreadable}},
		{"head is unmapped", func(m *memory) { delete(m.words, at(0)) }, Chain{nil, Unreadable}},
		{"forward loop", func(m *memory) { m.set(at(3), at(2)) }, Chain{ats(1, 2, 3, 4, 5, 6), Looped}},
		{"node leads to itself", func(m *memory) { m.set(at(1), at(1), at(1)) },
			Chain{ats(1, 2, 3, 4, 5, 6), Torn}},
		{"unlinked forwards only", func(m *memory) { m.set(at(2), at(4)) },
			Chain{ats(1, 2, 3, 4, 5, 6), Torn}},
		{"last node unlinked forwards only", func(m *memory) { m.set(at(5), at(0)) },
			Chain{ats(1, 2, 3, 4, 5, 6), Torn}},
		{"back-pointer is wrong", func(m *memory) { m.set(at(3)+8, at(9)) },
			Chain{ats(1, 2, 3, 4, 5, 6), Torn}},
		{"head emptied forwards only", func(m *memory) { m.set(at(0), at(0)) },
			Chain{ats(1, 2, 3, 4, 5, 6), Torn}},
		{"poisoned node", func(m *memory) { m.set(at(2), poison, poison+0x22) },
			Chain{ats(1, 2, 3, 4, 5, 6), Torn}},
		{"pointer into user space", func(m *memory) { m.set(at(0), 0x7fff0000) },
			Chain{ats(1, 2, 3, 4, 5, 6), Corrupt}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := newMemory()
			m.list(ats(0, 1, 2, 3, 4, 5, 6)...)
			test.damage(m)
			got, err := Lists(t.Context(), m, ats(0), 100)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]Chain{test.want}, got); diff != "" {
				t.Errorf("chain (-want +got):\n%s", diff)
			}
			if m.batches > 20 {
				t.Errorf("took %d batches", m.batches)
			}
		})
	}
}

func TestListsThatChangeWhileTheyAreRead(t *testing.T) {
	tests := []struct {
		name   string
		change func(m *memory) // before the third batch, of 0 -> 1 2 3 4 5 6 -> 0
		want   []oracle.Address
	}{
		{"next node is removed", func(m *memory) {
			m.list(ats(0, 1, 3, 4, 5, 6)...)
			m.set(at(2), at(3), 0xdead000000000122) // as list_del_rcu leaves it
		}, ats(1, 3, 4, 5, 6)},
		{"node is added ahead", func(m *memory) { m.list(ats(0, 1, 7, 2, 3, 4, 5, 6)...) }, ats(1, 7, 2, 3, 4, 5, 6)},
		{"node is added behind", func(m *memory) { m.list(ats(0, 8, 1, 2, 3, 4, 5, 6)...) }, ats(1, 2, 3, 4, 5, 6)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := newMemory()
			m.list(ats(0, 1, 2, 3, 4, 5, 6)...)
			m.before = func(batch int, _ bool) {
				if batch == 2 {
					test.change(m)
				}
			}
			got, err := Lists(t.Context(), m, ats(0), 100)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]Chain{{Nodes: test.want}}, got); diff != "" {
				t.Errorf("chain (-want +got):\n%s", diff)
			}
		})
	}
}

// A list that changes where its two ends are about to meet is read again
// there, and fresh.
func TestListsThatChangeWhereTheEndsMeet(t *testing.T) {
	m := newMemory()
	m.list(ats(0, 1, 2)...)
	fresh := 0
	m.before = func(batch int, isFresh bool) {
		if batch == 1 {
			m.list(ats(0, 1, 7, 2)...)
		}
		if isFresh {
			fresh++
		}
	}
	// What the head said is older than what its nodes say.
	got, err := Lists(t.Context(), m, ats(0), 100)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Chain{{Nodes: ats(1, 7, 2)}}, got); diff != "" {
		t.Errorf("chain (-want +got):\n%s", diff)
	}
	m = newMemory()
	m.list(ats(0, 1, 2, 3, 4)...)
	m.set(at(2), at(4)) // forwards, 3 is not there yet
	m.before = func(_ int, isFresh bool) {
		if isFresh {
			fresh++
			m.list(ats(0, 1, 2, 3, 4)...)
		}
	}
	got, err = Lists(t.Context(), m, ats(0), 100)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Chain{{Nodes: ats(1, 2, 3, 4)}}, got); diff != "" {
		t.Errorf("chain (-want +got):\n%s", diff)
	}
	if fresh != 1 {
		t.Errorf("%d fresh batches, want 1", fresh)
	}
}

func TestListsStopAtTheLimit(t *testing.T) {
	m := newMemory()
	m.list(ats(0, 1, 2, 3, 4, 5, 6, 7)...)
	for limit := range 8 {
		got, err := Lists(t.Context(), m, ats(0), limit)
		if err != nil {
			t.Fatal(err)
		}
		wantDoubt := Corrupt
		if limit == 7 {
			wantDoubt = ""
		}
		if len(got[0].Nodes) != limit || got[0].Doubt != wantDoubt {
			t.Errorf("limit %d: %d nodes, doubt %q", limit, len(got[0].Nodes), got[0].Doubt)
		}
	}
}

func TestListsErrors(t *testing.T) {
	m := newMemory()
	m.list(ats(0, 1)...)
	ctx, cancel := context.WithCancel(t.Context())
	m.before = func(int, bool) { cancel() }
	if _, err := Lists(ctx, m, ats(0), 100); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
	delete(m.types, "list_head")
	if _, err := Lists(t.Context(), m, ats(0), 100); !errors.Is(err, layout.ErrUnknownType) {
		t.Errorf("without the type: error %v", err)
	}
}

// Whatever the pointers are, a walk ends, finds no node twice and stays
// within its limit.
func TestListsOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMemory()
		address := rapid.Map(rapid.IntRange(0, 9), func(i int) oracle.Address { return base + oracle.Address(8*i) })
		for i := range 10 {
			m.set(at(0)+oracle.Address(8*i), address.Draw(t, "pointer"))
		}
		limit := rapid.IntRange(0, 9).Draw(t, "limit")
		got, err := Lists(context.Background(), m, ats(0), limit)
		if err != nil {
			t.Fatal(err)
		}
		checkChain(t, got[0], limit)
	})
}

func checkChain(t *rapid.T, c Chain, limit int) {
	seen := make(map[oracle.Address]bool)
	for _, n := range c.Nodes {
		if seen[n] {
			t.Fatalf("node %s twice in %v", n, c.Nodes)
		}
		seen[n] = true
	}
	if len(c.Nodes) > limit {
		t.Fatalf("%d nodes, limit %d", len(c.Nodes), limit)
	}
}

func TestOwners(t *testing.T) {
	c := Chain{Nodes: []oracle.Address{at(1) + 16, at(2) + 16}}
	if diff := cmp.Diff(ats(1, 2), c.Owners(16)); diff != "" {
		t.Errorf("owners (-want +got):\n%s", diff)
	}
}
