package object

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle/layout"
)

func TestAtMost(t *testing.T) {
	fields := []layout.Field{
		{Offset: 1000, Size: 8}, {Offset: 0, Size: 8}, {Offset: 300, Size: 8}, {Offset: 400, Size: 8}, {Offset: 500, Size: 8},
	}
	tests := []struct {
		most   int
		spans  []span
		holder []int
		size   uint64
	}{
		{0, []span{{0, 8}, {300, 8}, {400, 8}, {500, 8}, {1000, 8}}, []int{4, 0, 1, 2, 3}, 40},
		{5, []span{{0, 8}, {300, 8}, {400, 8}, {500, 8}, {1000, 8}}, []int{4, 0, 1, 2, 3}, 40},
		{4, []span{{0, 8}, {300, 108}, {500, 8}, {1000, 8}}, []int{3, 0, 1, 1, 2}, 132},
		{3, []span{{0, 8}, {300, 208}, {1000, 8}}, []int{2, 0, 1, 1, 1}, 224},
		{1, []span{{0, 1008}}, []int{0, 0, 0, 0, 0}, 1008},
	}
	before := arrange(fields)
	for _, test := range tests {
		got := before.merged(test.most)
		if diff := cmp.Diff(test.spans, got.spans, cmp.AllowUnexported(span{})); diff != "" {
			t.Errorf("at most %d: %s", test.most, diff)
		}
		if diff := cmp.Diff(test.holder, got.holder); diff != "" {
			t.Errorf("at most %d: %s", test.most, diff)
		}
		if got.size != test.size {
			t.Errorf("at most %d: %d bytes, want %d", test.most, got.size, test.size)
		}
	}
	if diff := cmp.Diff(arrange(fields).spans, before.spans, cmp.AllowUnexported(span{})); diff != "" {
		t.Errorf("merging changed what it began with: %s", diff)
	}
}

// Members that are added later keep to the number of reads.
func TestAtMostHoldsForLaterMembers(t *testing.T) {
	word := &layout.Type{Kind: layout.Int, Size: 8}
	p := NewPlan(&layout.Type{Kind: layout.Struct, Name: "s", Size: 2008, Members: []layout.Member{
		{Name: "a", Type: word}, {Name: "b", Type: word, Offset: 8000}, {Name: "c", Type: word, Offset: 16000},
	}})
	p.Member("a")
	p.AtMost(1)
	p.Member("b")
	p.Member("c")
	if diff := cmp.Diff([]span{{0, 2008}}, p.arrangement.spans, cmp.AllowUnexported(span{})); diff != "" {
		t.Error(diff)
	}
}
