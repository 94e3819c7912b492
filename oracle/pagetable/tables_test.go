package pagetable_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/oracletest"
	"github.com/barescope/barescope/oracle/pagetable"
	"github.com/barescope/barescope/transport"
)

const (
	root      = transport.Address(0x10000)
	firstNext = transport.Address(0x100000)
)

// build returns empty tables of 4 or 5 levels in memory of their own.
func build(levels int) (*oracletest.Memory, *oracletest.PageTables, pagetable.Tables) {
	m := oracletest.NewMemory()
	return m, oracletest.NewPageTables(m, levels, root, firstNext), pagetable.Tables{Root: root, Levels: levels}
}

// walkOne walks a single address.
func walkOne(t *testing.T, m transport.Memory, tables pagetable.Tables, a oracle.Address) pagetable.Mapping {
	t.Helper()
	mappings, err := tables.Walk(t.Context(), m, []oracle.Address{a}, nil)
	if err != nil || len(mappings) != 1 {
		t.Fatalf("Walk(%s) = %v, %v", a, mappings, err)
	}
	return mappings[0]
}

func TestWalkPages(t *testing.T) {
	const virtual = oracle.Address(0xffffffff81234000)
	tests := map[string]struct {
		size, bits uint64
		physical   transport.Address
		want       pagetable.Mapping
	}{
		"4 KiB": {
			size: oracletest.Page4K, bits: oracletest.Writable, physical: 0x7654000,
			want: pagetable.Mapping{Virtual: virtual, Physical: 0x7654000, Size: oracletest.Page4K, Writable: true, Executable: true, WriteBack: true},
		},
		"4 KiB with the PAT bit, which is write-back entry 4": {
			size: oracletest.Page4K, bits: oracletest.Large, physical: 0x7654000,
			want: pagetable.Mapping{Virtual: virtual, Physical: 0x7654000, Size: oracletest.Page4K, Executable: true, WriteBack: true},
		},
		"2 MiB": {
			size: oracletest.Page2M, bits: oracletest.NoExecute, physical: 0x40000000,
			want: pagetable.Mapping{Virtual: 0xffffffff81200000, Physical: 0x40000000, Size: oracletest.Page2M, WriteBack: true},
		},
		"2 MiB with the PAT bit, which is no address": {
			size: oracletest.Page2M, bits: 1 << 12, physical: 0x40000000,
			want: pagetable.Mapping{Virtual: 0xffffffff81200000, Physical: 0x40000000, Size: oracletest.Page2M, Executable: true, WriteBack: true},
		},
		"1 GiB": {
			size: oracletest.Page1G, bits: oracletest.Writable | oracletest.NoExecute, physical: 0x1_c0000000,
			want: pagetable.Mapping{Virtual: 0xffffffff80000000, Physical: 0x1_c0000000, Size: oracletest.Page1G, Writable: true, WriteBack: true},
		},
		"uncached": {
			size: oracletest.Page4K, bits: oracletest.CacheDisable, physical: 0xfee00000,
			want: pagetable.Mapping{Virtual: virtual, Physical: 0xfee00000, Size: oracletest.Page4K, Executable: true},
		},
		"write-through": {
			size: oracletest.Page4K, bits: oracletest.WriteThrough, physical: 0xfee00000,
			want: pagetable.Mapping{Virtual: virtual, Physical: 0xfee00000, Size: oracletest.Page4K, Executable: true},
		},
		"2 MiB at an address that is no multiple of 2 MiB": {
			size: oracletest.Page2M, physical: 0x40002000,
			want: pagetable.Mapping{Outcome: transport.Unmapped},
		},
		"1 GiB at an address that is no multiple of 1 GiB": {
			size: oracletest.Page1G, physical: 0x40200000,
			want: pagetable.Mapping{Outcome: transport.Unmapped},
		},
	}
	for name, tt := range tests {
		for _, levels := range []int{4, 5} {
			t.Run(name, func(t *testing.T) {
				m, build, tables := build(levels)
				build.Map(virtual&^oracle.Address(tt.size-1), tt.physical, tt.size, tt.bits)
				if tt.want.Outcome == transport.NotRead {
					tt.want.Outcome = transport.Success
				}
				if diff := cmp.Diff(tt.want, walkOne(t, m, tables, virtual+0x123)); diff != "" {
					t.Errorf("%d levels (-want +got):\n%s", levels, diff)
				}
			})
		}
	}
}

func TestMappingTranslate(t *testing.T) {
	m := pagetable.Mapping{Virtual: 0xffffffff81200000, Physical: 0x40000000, Size: oracletest.Page2M}
	if got := m.Translate(0xffffffff813abcde); got != 0x401abcde {
		t.Errorf("Translate = %s", got)
	}
}

// TestWalkJoinsPermissions writes a right into each of the levels in turn.
func TestWalkJoinsPermissions(t *testing.T) {
	const virtual = oracle.Address(0xffffffff81234000)
	for level := 1; level <= 5; level++ {
		m, build, tables := build(5)
		build.Map(virtual, 0x5000, oracletest.Page4K, oracletest.Writable)
		at := build.Entry(virtual, level)
		entry := m.Word(at)
		m.Words(at, entry&^oracletest.Writable)
		if got := walkOne(t, m, tables, virtual); got.Writable || !got.Executable {
			t.Errorf("read-only at level %d: writable %t, executable %t", level, got.Writable, got.Executable)
		}
		m.Words(at, entry|oracletest.NoExecute)
		if got := walkOne(t, m, tables, virtual); !got.Writable || got.Executable {
			t.Errorf("no-execute at level %d: writable %t, executable %t", level, got.Writable, got.Executable)
		}
	}
}

func TestWalkOutcomes(t *testing.T) {
	const mapped = oracle.Address(0xffffffff81000000)
	tests := map[string]struct {
		address oracle.Address
		spoil   func(*oracletest.Memory, *oracletest.PageTables)
		want    transport.Outcome
	}{
		"mapped":           {address: mapped, want: transport.Success},
		"neighbour's page": {address: mapped + 0x1000, want: transport.Unmapped},
		"other table":      {address: 0xffffffff91000000, want: transport.Unmapped},
		"lower half":       {address: 0x7fff81000000, want: transport.Unmapped},
		"zero":             {address: 0, want: transport.Unmapped},
		"not canonical with 4 levels, though the low 48 bits are mapped": {address: 0xff00ffff81000000, want: transport.Unmapped},
		"upper half by its top byte, lower by bit 47":                    {address: 0xffff7fff81000000, want: transport.Unmapped},
		"table that cannot be read": {
			address: mapped, want: transport.CompleterAbort,
			spoil: func(m *oracletest.Memory, p *oracletest.PageTables) {
				m.Fail(transport.Range{Start: p.Entry(mapped, 2), Length: 8}, transport.CompleterAbort)
			},
		},
		"table outside of memory": {
			address: mapped, want: transport.UnsupportedRequest,
			spoil: func(m *oracletest.Memory, p *oracletest.PageTables) {
				m.Words(p.Entry(mapped, 3), 0x7000_0000|oracletest.TableBits)
			},
		},
		"table beyond 64 TiB": {
			address: mapped, want: transport.Unmapped,
			spoil: func(m *oracletest.Memory, p *oracletest.PageTables) {
				m.Words(p.Entry(mapped, 3), 1<<46|oracletest.TableBits)
			},
		},
		"table at zero": {
			address: mapped, want: transport.Unmapped,
			spoil: func(m *oracletest.Memory, p *oracletest.PageTables) {
				m.Words(p.Entry(mapped, 2), oracletest.TableBits)
			},
		},
		"large page in the top-level table": {
			address: mapped, want: transport.Unmapped,
			spoil: func(m *oracletest.Memory, p *oracletest.PageTables) {
				m.Words(p.Entry(mapped, 4), 0x4000_0000|oracletest.TableBits|oracletest.Large)
			},
		},
		"code instead of a table": {
			address: mapped, want: transport.Unmapped,
			spoil: func(m *oracletest.Memory, p *oracletest.PageTables) {
				m.Words(p.Entry(mapped, 4), 0x0048_8b05_1234_5667)
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m, build, tables := build(4)
			build.Map(mapped, 0x5000, oracletest.Page4K, 0)
			if tt.spoil != nil {
				tt.spoil(m, build)
			}
			if got := walkOne(t, m, tables, tt.address); got.Outcome != tt.want {
				t.Errorf("outcome = %v, want %v", got.Outcome, tt.want)
			}
		})
	}
}

// TestWalkWithFiveLevels reaches addresses that 4 levels have no bits for.
func TestWalkWithFiveLevels(t *testing.T) {
	const directMap = oracle.Address(0xff11000000000000)
	m, build, tables := build(5)
	build.Map(directMap, 0x5000, oracletest.Page4K, 0)
	if got := walkOne(t, m, tables, directMap+8); got.Outcome != transport.Success || got.Translate(directMap+8) != 0x5008 {
		t.Errorf("mapping = %+v", got)
	}
	if got := walkOne(t, m, tables, 0xffff000000000000); got.Outcome != transport.Unmapped {
		t.Errorf("address of another entry is %v", got.Outcome)
	}
}

// TestWalkTakesABatchALevel also requires that each table is reported before
// it is read, and reported once a level however many addresses share it.
func TestWalkTakesABatchALevel(t *testing.T) {
	for _, levels := range []int{4, 5} {
		m, build, tables := build(levels)
		var addresses []oracle.Address
		for i := range oracle.Address(600) {
			a := 0xffffffff81000000 + i*0x1000
			build.Map(a, transport.Address(0x8000000+i*0x1000), oracletest.Page4K, 0)
			addresses = append(addresses, a)
		}
		fence := oracletest.NewFence(t, m)
		var reached [][]transport.Range
		reach := func(r ...transport.Range) {
			reached = append(reached, r)
			fence.Allow(r...)
		}
		mappings, err := tables.Walk(t.Context(), fence, addresses, reach)
		if err != nil {
			t.Fatal(err)
		}
		for i := range mappings {
			if want := transport.Address(0x8000000 + i*0x1000); mappings[i].Physical != want {
				t.Fatalf("address %d lies at %s, want %s", i, mappings[i].Physical, want)
			}
		}
		if got := len(m.Batches()); got != levels {
			t.Errorf("%d levels took %d batches", levels, got)
		}
		if len(reached) != levels || len(reached[0]) != 1 || len(reached[levels-1]) != 2 {
			t.Errorf("reached %v", reached)
		}
	}
}

func TestWalkEndsWithTheLink(t *testing.T) {
	m, build, tables := build(4)
	build.Map(0xffffffff81000000, 0x5000, oracletest.Page4K, 0)
	gone := errors.New("gone")
	m.Before = func(batch int, _ []transport.Read) error {
		if batch == 2 {
			return gone
		}
		return nil
	}
	mappings, err := tables.Walk(t.Context(), m, []oracle.Address{0xffffffff81000000, 0x1000}, nil)
	want := []transport.Outcome{transport.NotRead, transport.Unmapped}
	if !errors.Is(err, gone) || !cmp.Equal(outcomes(mappings), want) {
		t.Errorf("Walk = %v, %v", outcomes(mappings), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tables.Walk(ctx, m, []oracle.Address{0xffffffff81000000}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Walk with a context that ended: %v", err)
	}
}

func TestWalkOfNothing(t *testing.T) {
	m, _, tables := build(4)
	if mappings, err := tables.Walk(t.Context(), m, nil, nil); err != nil || len(mappings) != 0 || len(m.Batches()) != 0 {
		t.Errorf("Walk() = %v, %v", mappings, err)
	}
}

func outcomes(mappings []pagetable.Mapping) []transport.Outcome {
	var all []transport.Outcome
	for i := range mappings {
		all = append(all, mappings[i].Outcome)
	}
	return all
}
