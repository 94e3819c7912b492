package container

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
)

// array lays out an xarray at base, its nodes from the next page on, with one
// entry at each index.
func array(m *memory, shift int, indexes ...uint64) []Entry {
	b := &arrayBuilder{memory: m, tag: 2, next: at(1)}
	entries := make(map[uint64]oracle.Address)
	var want []Entry
	for n, i := range indexes {
		e := Entry{Index: i, Pointer: base + 1<<32 + oracle.Address(n)*64}
		entries[i] = e.Pointer
		want = append(want, e)
	}
	m.set(at(0), 0, b.node(shift, 0, 0, entries))
	return want
}

func TestXArrays(t *testing.T) {
	tests := []struct {
		name    string
		shift   int
		indexes []uint64
		batches int
	}{
		{"one level", 0, []uint64{1, 2, 63}, 2},
		{"two levels", 6, []uint64{1, 64, 4095}, 3},
		{"three levels", 12, []uint64{0, 5000, 262143}, 4},
		{"all levels", 60, []uint64{0, 7, 1 << 40, 1<<64 - 1}, 12},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := newMemory()
			want := array(m, test.shift, test.indexes...)
			got, err := XArrays(t.Context(), m, ats(0), 100)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]Entries{{Entries: want}}, got); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
			if m.batches != test.batches {
				t.Errorf("took %d batches, want %d", m.batches, test.batches)
			}
		})
	}
}

func TestXArraysWithoutANode(t *testing.T) {
	m := newMemory()
	m.set(at(0), 0, at(5)) // a single entry lies in the head
	m.set(at(1), 0, 0)
	m.set(at(2), 0, 7<<1|1) // a value
	got, err := XArrays(t.Context(), m, ats(0, 1, 2, 3), 100)
	if err != nil {
		t.Fatal(err)
	}
	want := []Entries{{Entries: []Entry{{0, at(5)}}}, {}, {}, {Doubt: Unreadable}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	if m.batches != 1 {
		t.Errorf("took %d batches, want 1", m.batches)
	}
}

func TestRadixTrees(t *testing.T) {
	m := newMemory()
	m.types = map[string]*layout.Type{
		"radix_tree_root": pointers("radix_tree_root", "gfp_mask", "rnode"),
		"radix_tree_node": arrayNode("radix_tree_node", 64),
	}
	b := &arrayBuilder{memory: m, tag: 1, next: at(1)}
	m.set(at(0), 0, b.node(6, 0, 0, map[uint64]oracle.Address{
		3: at(70), 4: 5<<2 | 2 /* exceptional */, 5: ^oracle.Address(0) /* retry */, 100: at(71),
	}))
	got, err := XArrays(t.Context(), m, ats(0), 100)
	if err != nil {
		t.Fatal(err)
	}
	want := []Entries{{Entries: []Entry{{3, at(70)}, {100, at(71)}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

func TestXArraysThatAreWrong(t *testing.T) {
	// The array has entries at 1, 64 and 130: root at 1, below it three
	// nodes in an order that the builder chooses.
	node := func(m *memory, slot int) oracle.Address {
		return oracle.Address(m.words[at(1)+40+oracle.Address(8*slot)]) &^ 3
	}
	slot := func(i int) oracle.Address { return 40 + oracle.Address(8*i) }
	tests := []struct {
		name   string
		damage func(m *memory)
		want   []uint64
		doubt  Fault
	}{
		{"nothing", func(*memory) {}, []uint64{1, 64, 130}, ""},
		{"node is unmapped", func(m *memory) { delete(m.words, node(m, 1)) }, []uint64{1, 130}, Unreadable},
		{"node in two slots", func(m *memory) { m.set(at(1)+slot(9), node(m, 0)|2) }, []uint64{1, 64, 130}, Looped},
		{"node leads to the root", func(m *memory) { m.set(at(1)+slot(9), at(1)|2) }, []uint64{1, 64, 130}, Looped},
		{"parent is wrong", func(m *memory) { m.set(node(m, 2)+8, at(9)) }, []uint64{1, 64, 130}, Torn},
		{"offset is wrong", func(m *memory) { m.words[node(m, 2)] = 7 << 8 }, []uint64{1, 64, 130}, Torn},
		{"shift is wrong", func(m *memory) { m.words[node(m, 1)] = 6 | 1<<8 }, []uint64{1, 64, 130}, Torn},
		{"root has a parent", func(m *memory) { m.set(at(1)+8, at(9)) }, []uint64{1, 64, 130}, Torn},
		{"root's shift is no multiple", func(m *memory) { m.words[at(1)] = 7 }, nil, Corrupt},
		{"root's shift is too large", func(m *memory) { m.words[at(1)] = 66 }, nil, Corrupt},
		{"node below the last level", func(m *memory) { m.set(node(m, 1)+slot(1), at(1)|2) }, []uint64{1, 64, 130}, Corrupt},
		{"entry in user space", func(m *memory) { m.set(node(m, 1)+slot(1), 0x8000) }, []uint64{1, 64, 130}, Corrupt},
		{"marks and values", func(m *memory) { m.set(node(m, 1)+slot(1), 257<<2|2, 256<<2|2, 3<<2|2, 9<<1|1) }, []uint64{1, 64, 130}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := newMemory()
			array(m, 6, 1, 64, 130)
			test.damage(m)
			got, err := XArrays(t.Context(), m, ats(0), 100)
			if err != nil {
				t.Fatal(err)
			}
			if got[0].Doubt != test.doubt {
				t.Errorf("doubt %q, want %q", got[0].Doubt, test.doubt)
			}
			if diff := cmp.Diff(test.want, indexesOf(got[0])); diff != "" {
				t.Errorf("indexes (-want +got):\n%s", diff)
			}
		})
	}
}

func indexesOf(e Entries) []uint64 {
	var indexes []uint64
	for _, entry := range e.Entries {
		indexes = append(indexes, entry.Index)
	}
	return indexes
}

// The array gets another level after its head was read.
func TestXArraysThatGrowWhileTheyAreRead(t *testing.T) {
	m := newMemory()
	want := array(m, 6, 1, 2, 65)
	m.set(at(0), 0, oracle.Address(m.words[at(1)+40])) // as before it grew
	m.before = func(batch int, _ bool) {
		if batch == 1 {
			m.set(at(0), 0, at(1)|2)
		}
	}
	got, err := XArrays(t.Context(), m, ats(0), 100)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Entries{{Entries: want}}, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

// A root whose shift is 60 has sixteen slots of use.
func TestXArraysBeyond64Bits(t *testing.T) {
	m := newMemory()
	array(m, 60, 5)
	m.set(at(1)+40+8*16, at(80))
	got, err := XArrays(t.Context(), m, ats(0), 100)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]uint64{5}, indexesOf(got[0])); diff != "" || got[0].Doubt != Corrupt {
		t.Errorf("doubt %q, indexes (-want +got):\n%s", got[0].Doubt, diff)
	}
}

func TestXArraysStopAtTheLimit(t *testing.T) {
	m := newMemory()
	array(m, 0, 1, 2, 3, 4)
	got, err := XArrays(t.Context(), m, ats(0), 3)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]uint64{1, 2, 3}, indexesOf(got[0])); diff != "" || got[0].Doubt != Corrupt {
		t.Errorf("doubt %q, indexes (-want +got):\n%s", got[0].Doubt, diff)
	}
}

func TestXArraysErrors(t *testing.T) {
	m := newMemory()
	m.types["xa_node"] = arrayNode("xa_node", 63)
	if _, err := XArrays(t.Context(), m, ats(0), 100); !errors.Is(err, layout.ErrMalformed) {
		t.Errorf("63 slots: error %v", err)
	}
	delete(m.types, "xarray")
	if _, err := XArrays(t.Context(), m, ats(0), 100); !errors.Is(err, layout.ErrUnknownType) {
		t.Errorf("without the type: error %v", err)
	}
}

func TestXArraysOfAnyIndexes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shift := 6 * rapid.IntRange(0, 9).Draw(t, "level")
		indexes := rapid.SliceOfNDistinct(rapid.Uint64Range(0, 64<<shift-1), 0, 30, rapid.ID).Draw(t, "indexes")
		slices.Sort(indexes)
		m := newMemory()
		want := array(m, shift, indexes...)
		got, err := XArrays(context.Background(), m, ats(0), len(indexes))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]Entries{{Entries: want}}, got); diff != "" {
			t.Fatalf("entries (-want +got):\n%s", diff)
		}
	})
}
