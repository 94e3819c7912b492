package btf

import (
	"errors"
	"sync"
	"testing"

	cilium "github.com/cilium/ebpf/btf"
	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle/layout"
)

func parse(tb testing.TB, types ...cilium.Type) *Types {
	tb.Helper()
	t, err := Parse(blob(tb, types...))
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func TestLookupConvertsStructure(t *testing.T) {
	got, err := parse(t, task()).Lookup(layout.Struct, "task")
	if err != nil {
		t.Fatal(err)
	}
	integer := &layout.Type{Kind: layout.Int, Name: "int", Size: 4, Signed: true}
	forward := &layout.Type{Kind: layout.Struct, Name: "task", Forward: true}
	pointer := func(to *layout.Type) *layout.Type {
		return &layout.Type{Kind: layout.Pointer, Size: 8, Elem: to}
	}
	halves := &layout.Type{Kind: layout.Struct, Size: 8, Members: []layout.Member{
		{Name: "lo", Type: integer}, {Name: "hi", Type: integer, Offset: 32},
	}}
	want := &layout.Type{Kind: layout.Struct, Name: "task", Size: 80, Members: []layout.Member{
		{Name: "pid", Type: &layout.Type{Kind: layout.Typedef, Name: "pid_t", Size: 4, Elem: integer}},
		{Name: "sleeping", Type: integer, Offset: 32, BitSize: 3},
		{Name: "nice", Type: integer, Offset: 35, BitSize: 6},
		{Type: &layout.Type{Kind: layout.Union, Size: 8, Members: []layout.Member{
			{Name: "both", Type: &layout.Type{Kind: layout.Int, Name: "unsigned long", Size: 8}},
			{Type: halves},
		}}, Offset: 64},
		{Name: "comm", Offset: 128, Type: &layout.Type{
			Kind: layout.Array, Size: 16, Count: 16,
			Elem: &layout.Type{Kind: layout.Int, Name: "char", Size: 1, Char: true},
		}},
		{Name: "parent", Offset: 256, Type: pointer(&layout.Type{Kind: layout.Typedef, Name: "task_t", Elem: forward})},
		{Name: "self", Offset: 320, Type: pointer(forward)},
		{Name: "stack", Offset: 384, Type: pointer(&layout.Type{Kind: layout.Void})},
		{Name: "file", Offset: 448, Type: pointer(&layout.Type{Kind: layout.Union, Name: "file", Forward: true})},
		{Name: "call", Offset: 512, Type: pointer(&layout.Type{Kind: layout.Func})},
		{Name: "on_cpu", Offset: 576, Type: &layout.Type{Kind: layout.Int, Name: "_Bool", Size: 1, Bool: true}},
		{Name: "weight", Offset: 608, Type: &layout.Type{Kind: layout.Float, Name: "float", Size: 4}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLookupConvertsEnumerations(t *testing.T) {
	types := parse(t,
		&cilium.Enum{Name: "state", Size: 4, Signed: true, Values: []cilium.EnumValue{{Name: "DEAD", Value: 1<<64 - 1}, {Name: "LIVE", Value: 7}}},
		&cilium.Enum{Name: "mask", Size: 8, Values: []cilium.EnumValue{{Name: "TOP", Value: 1 << 63}}},
	)
	for name, want := range map[string]*layout.Type{
		"state": {Kind: layout.Enum, Name: "state", Size: 4, Signed: true, Values: []layout.EnumValue{{Name: "DEAD", Value: -1}, {Name: "LIVE", Value: 7}}},
		"mask":  {Kind: layout.Enum, Name: "mask", Size: 8, Values: []layout.EnumValue{{Name: "TOP", Value: -1 << 63}}},
	} {
		got, err := types.Lookup(layout.Enum, name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestLookupPicksByKindAndMembers(t *testing.T) {
	types := parse(t,
		&cilium.Typedef{Name: "info", Type: intInt},
		&cilium.Struct{Name: "info", Size: 4, Members: []cilium.Member{{Name: "irq", Type: intInt}}},
		&cilium.Struct{Name: "info", Size: 8, Members: []cilium.Member{{Name: "irq", Type: intInt}, {Name: "port", Type: intInt, Offset: 32}}},
		&cilium.Union{Name: "info", Size: 1, Members: []cilium.Member{{Name: "port", Type: charInt}}},
		// The library takes what follows "___" for a variant of the name.
		&cilium.Struct{Name: "info___1", Size: 16},
		&cilium.Struct{Name: "info___2", Size: 17},
		&cilium.Fwd{Name: "absent"},
	)
	tests := []struct {
		kind    layout.Kind
		name    string
		members []string
		size    uint64 // 0 for unknown
	}{
		{layout.Struct, "info", nil, 4},
		{layout.Struct, "info", []string{"irq"}, 4},
		{layout.Struct, "info", []string{"irq", "port"}, 8},
		{layout.Struct, "info", []string{"irq", "nothing"}, 0},
		{layout.Union, "info", []string{"port"}, 1},
		{layout.Typedef, "info", nil, 4},
		{layout.Struct, "info___2", nil, 17},
		{layout.Enum, "info", nil, 0},
		{layout.Int, "int", nil, 4},
		{layout.Void, "absent", nil, 0},
		{layout.Struct, "absent", nil, 0},
		{layout.Struct, "", nil, 0},
	}
	for _, test := range tests {
		got, err := types.Lookup(test.kind, test.name, test.members...)
		if test.size == 0 {
			if !errors.Is(err, layout.ErrUnknownType) || got != nil {
				t.Errorf("%v %q %q: got %v, %v", test.kind, test.name, test.members, got, err)
			}
			continue
		}
		if err != nil || got.Size != test.size {
			t.Errorf("%v %q %q: got %v, %v; want size %d", test.kind, test.name, test.members, got, err, test.size)
		}
	}
}

func TestLookupIsSafeForConcurrentUse(t *testing.T) {
	types := parse(t, task())
	var group sync.WaitGroup
	found := make([]*layout.Type, 8)
	for i := range found {
		group.Go(func() { found[i], _ = types.Lookup(layout.Struct, "task", "comm") })
	}
	group.Wait()
	for _, typ := range found {
		if typ == nil || typ != found[0] {
			t.Errorf("got %p and %p for one type", typ, found[0])
		}
	}
}

func TestLookupRefusesMalformedTypes(t *testing.T) {
	inside := &cilium.Struct{Name: "t", Size: 8}
	inside.Members = []cilium.Member{{Name: "again", Type: &cilium.Array{Index: intInt, Type: inside, Nelems: 1}}}
	typedef := &cilium.Typedef{Name: "loop"}
	typedef.Type = &cilium.Const{Type: typedef}
	pointer := &cilium.Pointer{}
	pointer.Target = pointer
	var vast cilium.Type = longInt
	for range 3 {
		vast = &cilium.Array{Index: intInt, Type: vast, Nelems: 1<<32 - 1}
	}
	var deep cilium.Type = intInt
	for range 2 * maxDepth {
		deep = &cilium.Const{Type: deep}
	}
	with := func(m cilium.Member) *cilium.Struct {
		return &cilium.Struct{Name: "t", Size: 8, Members: []cilium.Member{m}}
	}
	for name, typ := range map[string]*cilium.Struct{
		"contains itself":     inside,
		"typedef of itself":   with(cilium.Member{Name: "m", Type: typedef}),
		"pointer to itself":   with(cilium.Member{Name: "m", Type: pointer}),
		"array too large":     with(cilium.Member{Name: "m", Type: vast}),
		"nested too deep":     with(cilium.Member{Name: "m", Type: deep}),
		"member behind end":   with(cilium.Member{Name: "m", Type: intInt, Offset: 64}),
		"member crosses end":  with(cilium.Member{Name: "m", Type: longInt, Offset: 8}),
		"member between bits": with(cilium.Member{Name: "m", Type: intInt, Offset: 3}),
		"bit-field too wide":  with(cilium.Member{Name: "m", Type: intInt, BitfieldSize: 33}),
		"bit-field behind":    with(cilium.Member{Name: "m", Type: intInt, Offset: 63, BitfieldSize: 2}),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parse(t, typ).Lookup(layout.Struct, "t")
			if !errors.Is(err, layout.ErrMalformed) || !errors.Is(err, layout.ErrUnknownType) || got != nil {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func BenchmarkLookup(b *testing.B) {
	raw := blob(b, task())
	for b.Loop() {
		types, err := Parse(raw)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := types.Lookup(layout.Struct, "task"); err != nil {
			b.Fatal(err)
		}
	}
}
