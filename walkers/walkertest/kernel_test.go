package walkertest

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/container"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/transport"
)

func TestStructPlacesMembersAsACompilerDoes(t *testing.T) {
	typ := Struct("s", Member("a", Char), Member("b", Int), Pad(3), Member("c", Short),
		Member("", Union("", Member("d", Long), Member("e", Array(3, Int)))), Member("f", Char))
	want := map[string]uint64{"a": 0, "b": 4, "c": 12, "d": 16, "e[2]": 24, "f": 32}
	got := make(map[string]uint64)
	for path := range want {
		f, err := typ.Field(path)
		if err != nil {
			t.Fatal(err)
		}
		got[path] = f.Offset
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("offsets (-want +got):\n%s", diff)
	}
	if typ.Size != 40 {
		t.Errorf("%d bytes, want 40", typ.Size)
	}
}

func TestKernelHoldsWhatWasPut(t *testing.T) {
	k := New(t)
	typ := k.Define(Struct("s", Member("flag", Bool), Member("small", Int), Member("at", Pointer), Member("name", Array(8, Char))))
	a := k.Place(typ, Values{"flag": true, "small": -3, "at": firstPlace, "name": "x\x00y"})
	plan := object.NewPlan(typ)
	flag, small, at, name := plan.Member("flag"), plan.Member("small"), plan.Member("at"), plan.Member("name")
	objects, err := plan.Read(t.Context(), k, []oracle.Address{a})
	if err != nil {
		t.Fatal(err)
	}
	o := &objects[0]
	got := []any{o.Uint(flag), o.Int(small), o.Pointer(at), string(o.Bytes(name))}
	if diff := cmp.Diff([]any{uint64(1), int64(-3), firstPlace, "x\x00y\x00\x00\x00\x00\x00"}, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func TestReadsFailWhereTheyMust(t *testing.T) {
	k := New(t)
	a := k.Reserve(2 * transport.PageSize)
	k.Write(a, make([]byte, 2*transport.PageSize))
	k.Fail(a+8, 8, transport.Timeout)
	k.Unmap(a + transport.PageSize)
	tests := []struct {
		name    string
		at      oracle.Address
		length  int
		outcome transport.Outcome
	}{
		{"before", a, 8, transport.Success},
		{"touches", a + 4, 5, transport.Timeout},
		{"behind", a + 16, 8, transport.Success},
		{"runs off the map", a + transport.PageSize - 4, 8, transport.Unmapped},
		{"never mapped", 0x1000, 1, transport.Unmapped},
		{"runs off the end", ^oracle.Address(0) - 3, 8, transport.Unmapped},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			reads := []oracle.Read{{Address: test.at, Data: make([]byte, test.length)}}
			if err := k.ReadVirtual(t.Context(), reads); err != nil {
				t.Fatal(err)
			}
			if reads[0].Outcome != test.outcome {
				t.Errorf("outcome %v, want %v", reads[0].Outcome, test.outcome)
			}
		})
	}
	got, err := k.Translate(t.Context(), []oracle.Address{a, a + transport.PageSize})
	want := []oracle.Translation{{Virtual: a, Physical: Physical(a), Outcome: transport.Success},
		{Virtual: a + transport.PageSize, Outcome: transport.Unmapped}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v, translations (-want +got):\n%s", err, diff)
	}
}

func TestMemoryChangesBetweenBatches(t *testing.T) {
	k := New(t)
	a := k.Reserve(1)
	k.Before = func(batch int, fresh bool) {
		if fresh {
			k.Write(a, []byte{byte(10 + batch)})
		}
	}
	counter := Count(k)
	var got []byte
	for _, ctx := range []context.Context{t.Context(), transport.Fresh(t.Context())} {
		reads := []oracle.Read{{Address: a, Data: make([]byte, 1)}}
		if err := counter.ReadVirtual(ctx, reads); err != nil {
			t.Fatal(err)
		}
		got = append(got, reads[0].Data...)
	}
	if diff := cmp.Diff([]byte{0, 11}, got); diff != "" {
		t.Errorf("bytes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Counts{Batches: 2, Reads: 2, Bytes: 2}, counter.Counts()); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func TestContainersReadBack(t *testing.T) {
	k := New(t)
	head, chain, root, array := k.Reserve(16), k.Reserve(8), k.Reserve(8), k.Place(XArray, nil)
	var lists, hashes, trees []oracle.Address
	entries := make(map[uint64]oracle.Address)
	for i := range uint64(5) {
		lists, hashes, trees = append(lists, k.Reserve(16)), append(hashes, k.Reserve(16)), append(trees, k.Reserve(24))
		entries[i*i*i*100] = lists[i]
	}
	k.List(head, lists...)
	k.HList(chain, hashes...)
	k.RBTree(root, trees...)
	k.Extensible(array, entries)
	for _, test := range []struct {
		read func() ([]container.Chain, error)
		want []oracle.Address
	}{
		{func() ([]container.Chain, error) { return container.Lists(t.Context(), k, []oracle.Address{head}, 9) }, lists},
		{func() ([]container.Chain, error) { return container.HLists(t.Context(), k, []oracle.Address{chain}, 9) }, hashes},
		{func() ([]container.Chain, error) { return container.RBTrees(t.Context(), k, []oracle.Address{root}, 9) }, trees},
	} {
		got, err := test.read()
		if diff := cmp.Diff([]container.Chain{{Nodes: test.want}}, got); diff != "" || err != nil {
			t.Errorf("error %v, chain (-want +got):\n%s", err, diff)
		}
	}
	all, err := container.XArrays(t.Context(), k, []oracle.Address{array}, 9)
	if err != nil || all[0].Doubt != "" {
		t.Fatalf("error %v, doubt %q", err, all[0].Doubt)
	}
	got := make(map[uint64]oracle.Address)
	for _, e := range all[0].Entries {
		got[e.Index] = e.Pointer
	}
	if diff := cmp.Diff(entries, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

func TestLookups(t *testing.T) {
	k := New(t)
	first, second := k.Define(Struct("s", Member("a", Int))), k.Define(Struct("s", Member("b", Int)))
	k.Label("here", 5)
	for member, want := range map[string]*layout.Type{"a": first, "b": second} {
		if got, err := k.Type(t.Context(), layout.Struct, "s", member); got != want || err != nil {
			t.Errorf("type with %s: %v, error %v", member, got, err)
		}
	}
	if _, err := k.Type(t.Context(), layout.Union, "s"); !errors.Is(err, layout.ErrUnknownType) {
		t.Errorf("unknown type: error %v", err)
	}
	if a, err := k.Symbol(t.Context(), "here"); a != 5 || err != nil {
		t.Errorf("symbol: %v, error %v", a, err)
	}
	if _, err := k.Symbol(t.Context(), "there"); !errors.Is(err, oracle.ErrUnknownSymbol) {
		t.Errorf("unknown symbol: error %v", err)
	}
}
