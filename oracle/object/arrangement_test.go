package object

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/barescope/barescope/oracle/layout"
)

func TestArrangeMerges(t *testing.T) {
	tests := []struct {
		name   string
		fields []layout.Field
		spans  []span
		holder []int
	}{
		{"none", nil, nil, []int{}},
		{"neighbours", []layout.Field{{Offset: 8, Size: 8}, {Offset: 0, Size: 8}}, []span{{0, 16}}, []int{0, 0}},
		{"overlapping", []layout.Field{{Offset: 0, Size: 32}, {Offset: 8, Size: 4}}, []span{{0, 32}}, []int{0, 0}},
		{"gap worth reading", []layout.Field{{Offset: 0, Size: 8}, {Offset: 72, Size: 8}}, []span{{0, 80}}, []int{0, 0}},
		{"gap too wide", []layout.Field{{Offset: 73, Size: 8}, {Offset: 0, Size: 8}}, []span{{0, 8}, {73, 8}}, []int{1, 0}},
		{"twice the same", []layout.Field{{Offset: 4, Size: 4}, {Offset: 4, Size: 4}}, []span{{4, 4}}, []int{0, 0}},
	}
	for _, test := range tests {
		got := arrange(test.fields)
		if diff := cmp.Diff(test.spans, got.spans, cmp.AllowUnexported(span{})); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
		if diff := cmp.Diff(test.holder, got.holder); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// Each field lies in the span that holds it, spans neither touch nor overlap,
// and no more than mergeGap unwanted bytes are read for each field.
func TestArrangeHoldsAllFields(t *testing.T) {
	field := rapid.Custom(func(t *rapid.T) layout.Field {
		return layout.Field{Offset: rapid.Uint64Range(0, 4096).Draw(t, "offset"), Size: rapid.Uint64Range(1, 200).Draw(t, "size")}
	})
	rapid.Check(t, func(t *rapid.T) {
		fields := rapid.SliceOf(field).Draw(t, "fields")
		a := arrange(fields)
		var size, wanted uint64
		for i, f := range fields {
			if s := a.spans[a.holder[i]]; f.Offset < s.offset || f.End() > s.end() {
				t.Fatalf("field %+v is not in its span %+v", f, s)
			}
			wanted += f.Size + mergeGap
		}
		for i, s := range a.spans {
			if i > 0 && s.offset <= a.spans[i-1].end()+mergeGap {
				t.Fatalf("spans %+v and %+v are not merged", a.spans[i-1], s)
			}
			size += s.size
		}
		if size != a.size || size > wanted {
			t.Fatalf("%d bytes are read, said to be %d, for %d", size, a.size, wanted)
		}
	})
}
