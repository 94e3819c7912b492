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

func TestHLists(t *testing.T) {
	m := newMemory()
	m.hlist(at(0), ats(1, 2, 3)...)
	m.hlist(at(10))
	m.hlist(at(20), at(21))
	got, err := HLists(t.Context(), m, ats(0, 10, 20, 30), 100)
	if err != nil {
		t.Fatal(err)
	}
	want := []Chain{{Nodes: ats(1, 2, 3)}, {}, {Nodes: ats(21)}, {Doubt: Unreadable}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("chains (-want +got):\n%s", diff)
	}
	if m.batches != 4 {
		t.Errorf("took %d batches, want 4", m.batches)
	}
}

func TestHListsThatAreWrong(t *testing.T) {
	tests := []struct {
		name   string
		damage func(m *memory) // of a chain 0 -> 1 2 3
		want   Chain
	}{
		{"node is unmapped", func(m *memory) { delete(m.words, at(2)) }, Chain{ats(1), Unreadable}},
		{"loop", func(m *memory) { m.set(at(3), at(1)) }, Chain{ats(1, 2, 3), Looped}},
		{"node leads to the head", func(m *memory) { m.set(at(3), at(0)) }, Chain{ats(1, 2, 3), Looped}},
		{"back-pointer is wrong", func(m *memory) { m.set(at(2)+8, at(9)) }, Chain{ats(1, 2, 3), Torn}},
		{"lock bit in the head", func(m *memory) { m.set(at(0), at(1)|1) }, Chain{nil, Corrupt}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := newMemory()
			m.hlist(at(0), ats(1, 2, 3)...)
			test.damage(m)
			got, err := HLists(t.Context(), m, ats(0), 100)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]Chain{test.want}, got); diff != "" {
				t.Errorf("chain (-want +got):\n%s", diff)
			}
		})
	}
}

// The node behind the cursor goes away, and with it the end of the chain.
func TestHListsThatShrinkWhileTheyAreRead(t *testing.T) {
	m := newMemory()
	m.hlist(at(0), ats(1, 2)...)
	m.before = func(batch int, _ bool) {
		if batch == 2 {
			m.set(at(1), 0)
			m.set(at(2), 0, 0xdead000000000122)
		}
	}
	got, err := HLists(t.Context(), m, ats(0), 100)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Chain{{Nodes: ats(1)}}, got); diff != "" {
		t.Errorf("chain (-want +got):\n%s", diff)
	}
}

// A slot that leads elsewhere each time it is read does not hold the walk.
func TestHListsThatNeverRest(t *testing.T) {
	m := newMemory()
	m.before = func(batch int, _ bool) {
		m.set(at(0), at(1+batch%7))
		m.set(at(1+batch%7), 0, 0)
	}
	got, err := HLists(t.Context(), m, ats(0), 100)
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Doubt != Torn || m.batches > 10 {
		t.Errorf("doubt %q after %d batches", got[0].Doubt, m.batches)
	}
}

func TestHListsErrors(t *testing.T) {
	m := newMemory()
	delete(m.types, "hlist_node")
	if _, err := HLists(t.Context(), m, ats(0), 100); !errors.Is(err, layout.ErrUnknownType) {
		t.Errorf("without the type: error %v", err)
	}
}

func TestHListsOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMemory()
		address := rapid.Map(rapid.IntRange(-1, 9), func(i int) oracle.Address {
			if i < 0 {
				return 0
			}
			return base + oracle.Address(8*i)
		})
		for i := range 10 {
			m.set(base+oracle.Address(8*i), address.Draw(t, "pointer"))
		}
		limit := rapid.IntRange(0, 9).Draw(t, "limit")
		got, err := HLists(context.Background(), m, ats(0), limit)
		if err != nil {
			t.Fatal(err)
		}
		checkChain(t, got[0], limit)
	})
}
