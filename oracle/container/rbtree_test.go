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

func TestRBTreesOfEverySize(t *testing.T) {
	for n := range 40 {
		m := newMemory()
		var nodes []oracle.Address
		for i := range n {
			nodes = append(nodes, at(i*17%41+1)) // addresses in no order
		}
		m.rbtree(at(0), 0, nodes...)
		got, err := RBTrees(t.Context(), m, ats(0), 100)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]Chain{{Nodes: nodes}}, got); diff != "" {
			t.Errorf("%d nodes (-want +got):\n%s", n, diff)
		}
		levels := 0
		for 1<<levels <= n {
			levels++
		}
		if m.batches != levels+1 {
			t.Errorf("%d nodes took %d batches, want %d", n, m.batches, levels+1)
		}
	}
}

func TestRBTreesTogether(t *testing.T) {
	m := newMemory()
	m.rbtree(at(0), 0, ats(1, 2, 3)...)
	m.rbtree(at(10), 0)
	m.rbtree(at(20), 0, at(21))
	got, err := RBTrees(t.Context(), m, ats(0, 10, 20, 30), 100)
	if err != nil {
		t.Fatal(err)
	}
	want := []Chain{{Nodes: ats(1, 2, 3)}, {}, {Nodes: ats(21)}, {Doubt: Unreadable}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("chains (-want +got):\n%s", diff)
	}
	if m.batches != 3 {
		t.Errorf("took %d batches, want 3", m.batches)
	}
}

func TestRBTreesThatAreWrong(t *testing.T) {
	const right, left = 8, 16
	tests := []struct {
		name   string
		damage func(m *memory) // of a tree with root 4 over 2 (1, 3) and 6 (5, 7)
		want   Chain
	}{
		{"inner node is unmapped", func(m *memory) { delete(m.words, at(2)) },
			Chain{ats(4, 5, 6, 7), Unreadable}},
		{"leaf leads to the root", func(m *memory) { m.set(at(1)+left, at(4)) },
			Chain{ats(1, 2, 3, 4, 5, 6, 7), Looped}},
		{"two parents for one node", func(m *memory) { m.set(at(3)+right, at(5)) },
			Chain{ats(1, 2, 3, 4, 5, 6, 7), Looped}},
		{"parent is wrong", func(m *memory) { m.set(at(6), at(2)) },
			Chain{ats(1, 2, 3, 4, 5, 6, 7), Torn}},
		{"root has a parent", func(m *memory) { m.set(at(4), at(2)) },
			Chain{ats(1, 2, 3, 4, 5, 6, 7), Torn}},
		{"child in user space", func(m *memory) { m.set(at(6)+left, 0x5000) },
			Chain{ats(1, 2, 3, 4, 6, 7), Corrupt}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := newMemory()
			m.rbtree(at(0), 0, ats(1, 2, 3, 4, 5, 6, 7)...)
			test.damage(m)
			got, err := RBTrees(t.Context(), m, ats(0), 100)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]Chain{test.want}, got); diff != "" {
				t.Errorf("chain (-want +got):\n%s", diff)
			}
		})
	}
}

// A tree whose root was rotated after the pointer to it was read.
func TestRBTreesThatRotateWhileTheyAreRead(t *testing.T) {
	m := newMemory()
	m.rbtree(at(0), 0, ats(1, 2, 3)...)
	m.before = func(batch int, _ bool) {
		if batch == 1 {
			m.set(at(0), at(1))
			m.set(at(1), 0, at(2), 0)
			m.set(at(2), at(1), at(3), 0)
		}
	}
	got, err := RBTrees(t.Context(), m, ats(0), 100)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Chain{{Nodes: ats(1, 2, 3)}}, got); diff != "" {
		t.Errorf("chain (-want +got):\n%s", diff)
	}
}

func TestRBTreesAreBounded(t *testing.T) {
	m := newMemory()
	m.rbtree(at(0), 0, ats(1, 2, 3, 4, 5, 6, 7)...)
	got, err := RBTrees(t.Context(), m, ats(0), 4)
	if err != nil {
		t.Fatal(err)
	}
	if len(got[0].Nodes) != 4 || got[0].Doubt != Corrupt {
		t.Errorf("limit 4: %d nodes, doubt %q", len(got[0].Nodes), got[0].Doubt)
	}
	m = newMemory()
	m.set(at(0), at(1))
	for i := 1; i < 1000; i++ { // a tree that is a list
		m.set(at(i), at(i-1), at(i+1), 0)
	}
	m.set(at(1), 0)
	got, err = RBTrees(t.Context(), m, ats(0), 1000)
	if err != nil {
		t.Fatal(err)
	}
	if len(got[0].Nodes) != maxLevels || got[0].Doubt != Corrupt {
		t.Errorf("deep tree: %d nodes, doubt %q", len(got[0].Nodes), got[0].Doubt)
	}
}

func TestRBTreesErrors(t *testing.T) {
	m := newMemory()
	m.types["rb_node"] = pointers("rb_node", "rb_right", "rb_left")
	if _, err := RBTrees(t.Context(), m, ats(0), 100); !errors.Is(err, layout.ErrUnknownMember) {
		t.Errorf("without a parent: error %v", err)
	}
}

// Nodes may even overlap: one's left pointer is the next one's right.
func TestRBTreesOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMemory()
		for i := range 12 {
			m.set(base+oracle.Address(8*i), base+oracle.Address(8*rapid.IntRange(0, 11).Draw(t, "pointer")))
		}
		limit := rapid.IntRange(0, 12).Draw(t, "limit")
		got, err := RBTrees(context.Background(), m, ats(0), limit)
		if err != nil {
			t.Fatal(err)
		}
		checkChain(t, got[0], limit)
	})
}
