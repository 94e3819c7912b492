package pagetable_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/oracletest"
	"github.com/barescope/barescope/oracle/pagetable"
	"github.com/barescope/barescope/transport"
)

// starts returns where mappings begin.
func starts(mappings []pagetable.Mapping) []oracle.Address {
	var all []oracle.Address
	for i := range mappings {
		all = append(all, mappings[i].Virtual)
	}
	return all
}

func TestScanWindow(t *testing.T) {
	m, build, tables := build(4)
	const base = oracle.Address(0xffffffff80000000)
	build.Map(base+0x1ff000, 0x11000, oracletest.Page4K, 0)
	build.Map(base+0x200000, 0x400000, oracletest.Page2M, 0)
	build.Map(base+0x600000, 0x12000, oracletest.Page4K, 0) // after a gap of 2 MiB
	build.Map(base+0x601000, 0x13000, oracletest.Page4K, 0)
	build.Map(base+0x800000, 0x402000, oracletest.Page2M, 0) // at no multiple of 2 MiB: the processor faults on it
	build.Map(0xfffffffffffff000, 0x14000, oracletest.Page4K, 0)
	tests := map[string]struct {
		from   oracle.Address
		length uint64
		want   []oracle.Address
	}{
		"all":                         {base, 1 << 30, []oracle.Address{base + 0x1ff000, base + 0x200000, base + 0x600000, base + 0x601000}},
		"one page":                    {base + 0x1ff000, 0x1000, []oracle.Address{base + 0x1ff000}},
		"one byte inside of a page":   {base + 0x1ffabc, 1, []oracle.Address{base + 0x1ff000}},
		"page before":                 {base + 0x1fe000, 0x1000, nil},
		"across a table":              {base + 0x1ff000, 0x1001, []oracle.Address{base + 0x1ff000, base + 0x200000}},
		"inside of a large page":      {base + 0x300000, 0x1000, []oracle.Address{base + 0x200000}},
		"gap":                         {base + 0x400000, 0x200000, nil},
		"last page of what is mapped": {base + 0x601000, 0x10000, []oracle.Address{base + 0x601000}},
		"last page of all":            {0xfffffffffffff000, 0x1000, []oracle.Address{0xfffffffffffff000}},
		"over the top":                {0xffffffffffffe000, 1 << 40, []oracle.Address{0xfffffffffffff000}},
		"nothing":                     {base, 0, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := tables.Scan(t.Context(), m, tt.from, tt.length, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, starts(got)); diff != "" {
				t.Errorf("mappings begin (-want +got):\n%s", diff)
			}
		})
	}
}

func TestScanTakesABatchALevel(t *testing.T) {
	for _, levels := range []int{4, 5} {
		m, build, tables := build(levels)
		build.MapRange(0xffffffff81000000, 0x1000000, 16<<20, oracletest.Page4K, 0)
		fence := oracletest.NewFence(t, m)
		mappings, err := tables.Scan(t.Context(), fence, 0xffffffff80000000, 1<<30, fence.Allow)
		if err != nil || len(mappings) != 4096 {
			t.Fatalf("%d mappings, %v", len(mappings), err)
		}
		if got := len(m.Batches()); got != levels {
			t.Errorf("%d levels took %d batches", levels, got)
		}
	}
}

func TestScanLeavesAGapForAnUnreadableTable(t *testing.T) {
	m, build, tables := build(4)
	build.Map(0xffffffff81000000, 0x5000, oracletest.Page4K, 0)
	build.Map(0xffffffff82000000, 0x6000, oracletest.Page4K, 0)
	m.Fail(transport.Range{Start: build.Entry(0xffffffff81000000, 1).Page(), Length: 0x1000}, transport.Timeout)
	got, err := tables.Scan(t.Context(), m, 0xffffffff80000000, 1<<30, nil)
	if diff := cmp.Diff([]oracle.Address{0xffffffff82000000}, starts(got)); err != nil || diff != "" {
		t.Errorf("err %v, mappings begin (-want +got):\n%s", err, diff)
	}
}

// TestScanOfTablesThatLoop lets every entry of one table lead back to it: 512
// times more tables at each level.
func TestScanOfTablesThatLoop(t *testing.T) {
	m, _, tables := build(5)
	for i := range 512 {
		m.Words(root+transport.Address(8*i), uint64(root)|oracletest.TableBits)
	}
	_, err := tables.Scan(t.Context(), m, 0xff00000000000000, 1<<56, nil)
	if !errors.Is(err, pagetable.ErrTooLarge) {
		t.Errorf("Scan of everything: %v, want %v", err, pagetable.ErrTooLarge)
	}
	got, err := tables.Scan(t.Context(), m, 0xffffffff80000000, 1<<30, nil)
	if err != nil || len(got) != 1<<18 {
		t.Errorf("Scan of a gigabyte: %d mappings, %v", len(got), err)
	}
}

func TestScanEndsWithTheLink(t *testing.T) {
	m, build, tables := build(4)
	build.Map(0xffffffff81000000, 0x5000, oracletest.Page4K, 0)
	gone := errors.New("gone")
	m.Before = func(int, []transport.Read) error { return gone }
	if got, err := tables.Scan(t.Context(), m, 0xffffffff80000000, 1<<30, nil); !errors.Is(err, gone) || got != nil {
		t.Errorf("Scan = %v, %v", got, err)
	}
}

// TestScanAndWalkAgree maps pages of random sizes and permissions.
func TestScanAndWalkAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		levels := rapid.SampledFrom([]int{4, 5}).Draw(t, "levels")
		m, build, tables := build(levels)
		const base = oracle.Address(0xffffffff80000000)
		slots := rapid.SliceOfNDistinct(rapid.IntRange(0, 511), 1, 20, rapid.ID[int]).Draw(t, "slots")
		for _, slot := range slots {
			at := base + oracle.Address(slot)<<21
			bits := rapid.SampledFrom([]uint64{0, oracletest.Writable, oracletest.NoExecute}).Draw(t, "bits")
			if rapid.Bool().Draw(t, "large") {
				build.Map(at, transport.Address(slot)<<21, oracletest.Page2M, bits)
				continue
			}
			page := oracle.Address(rapid.IntRange(0, 511).Draw(t, "page")) << 12
			build.Map(at+page, transport.Address(slot)<<12, oracletest.Page4K, bits)
		}
		scanned, err := tables.Scan(t.Context(), m, base, 1<<30, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(scanned) != len(slots) {
			t.Fatalf("%d mappings, want %d", len(scanned), len(slots))
		}
		walked, err := tables.Walk(t.Context(), m, starts(scanned), nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(scanned, walked); diff != "" {
			t.Errorf("scan against walk:\n%s", diff)
		}
	})
}

// FuzzTables lets tables be any bytes: walks end, and what a scan finds is
// what a walk finds.
func FuzzTables(f *testing.F) {
	f.Add([]byte{0x67, 0x00, 0x01, 0, 0, 0, 0, 0}, true)                                   // leads to itself
	f.Add([]byte{0x67, 0x10, 0x01, 0, 0, 0, 0, 0x80, 0xe7, 0, 0, 0x40, 0, 0, 0, 0}, false) // a table and a large page
	f.Fuzz(func(t *testing.T, pattern []byte, five bool) {
		levels := 4
		if five {
			levels = 5
		}
		m, _, tables := build(levels)
		pattern = pattern[:min(len(pattern), 8*64)]
		for table := range transport.Address(4) {
			for i := 0; i+8 <= len(pattern); i += 8 { // from the top of each table on, where the image is
				m.Write(root+(table+1)<<12-transport.Address(i+8), pattern[i:i+8])
			}
		}
		const from, length = oracle.Address(0xfffffffffff00000), 1 << 20
		scanned, err := tables.Scan(t.Context(), m, from, length, nil)
		if err != nil {
			t.Fatal(err)
		}
		inside := make([]oracle.Address, len(scanned))
		for i := range scanned {
			inside[i] = max(scanned[i].Virtual, from)
		}
		walked, err := tables.Walk(t.Context(), m, inside, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(scanned, walked, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("scan against walk:\n%s", diff)
		}
	})
}
