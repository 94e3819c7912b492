package locate_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/locate"
	"github.com/barescope/barescope/oracle/oracletest"
	"github.com/barescope/barescope/transport"
)

// ram is what the machines of the searches have: the kernel lies in it.
var ram = transport.Range{Start: 0x28000000, Length: 0x6000000}

// withoutTrampoline is a machine whose kernel's own page table lies behind
// its image, as init_top_pgt does, and whose trampoline is gone.
func withoutTrampoline() *machine {
	k := newMachine(oracletest.FourLevels)
	k.CopyPage(k.ownRoot(), rootPage)
	k.Words(k.ownRoot(), 0)
	k.Zero(rootPage, oracletest.Page4K)
	k.Exist(ram)
	return k
}

func (k *machine) ownRoot() transport.Address { return k.Place.Physical + 7*mebibyte }

func TestSearches(t *testing.T) {
	tests := map[string]struct {
		spoil func(*machine)
		roots bool // whether the steps cannot find it
	}{
		"banner at a multiple of 2 MiB": {spoil: func(*machine) {}},
		"banner further behind": {
			spoil: func(k *machine) { k.EraseBanner(); k.PutBanner(k.Rodata()+0x12345, banner) },
			roots: true,
		},
		"banner of another kernel, of which nothing is left": {
			spoil: func(k *machine) { k.PutBanner(ram.Start, "Linux version 5.10.0-old (x) #1") },
		},
		"copy of a kernel in the page cache": {
			spoil: func(k *machine) {
				// Tables in the file are those that the linker made, for
				// an image that was not moved.
				const file = transport.Address(0x29000000)
				k.PutBanner(file, "Linux version 6.1.0-test (copy) #1")
				k.Words(file+0x3000+0xff8, 0x2a15067)
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			k := withoutTrampoline()
			tt.spoil(k)
			var progress []uint64
			image, err := locate.Find(t.Context(), locate.Options{
				// Nothing outside of what may be searched is read,
				// wherever a copy of a table leads.
				Memory: oracletest.NewFence(t, k.Memory, lowMemory, ram),
				Allow:  func(...transport.Range) {}, Extent: []transport.Range{ram},
				Progress: func(done, total uint64) {
					if total != ram.Length {
						t.Errorf("progress towards %d bytes", total)
					}
					progress = append(progress, done)
				},
			})
			if err != nil || image.Tables.Root != k.ownRoot() || image.Banner != banner {
				t.Fatalf("Find = %+v, %v", image, err)
			}
			if (len(progress) > 0) != tt.roots {
				t.Errorf("progress was reported %d times", len(progress))
			}
		})
	}
}

// TestSearchFindsNothing requires that a search ends with a reason, whatever
// the memory holds.
func TestSearchFindsNothing(t *testing.T) {
	small := transport.Range{Start: 0x1000000, Length: 0x1000000}
	tests := map[string]struct {
		fill   func(*oracletest.Memory)
		extent transport.Range
		says   string
	}{
		"zeros":         {fill: func(m *oracletest.Memory) { m.Exist(small) }, extent: small, says: "16 MiB of RAM"},
		"nothing there": {fill: func(*oracletest.Memory) {}, extent: small, says: "16 MiB of RAM"},
		"top of the address space": {
			fill:   func(*oracletest.Memory) {},
			extent: transport.Range{Start: math.MaxUint64 - 0x4000000, Length: 0x4000000}, says: "give it with --ram",
		},
		"an extent that begins inside of a page": {
			fill:   func(m *oracletest.Memory) { m.Exist(small) },
			extent: transport.Range{Start: small.Start + 0x123, Length: small.Length - 0x246}, says: "15 MiB of RAM",
		},
		"a banner at each multiple of 2 MiB": {
			fill: func(m *oracletest.Memory) {
				m.Exist(small)
				for a := small.Start; a < small.End(); a += 2 * mebibyte {
					m.Write(a, []byte(banner+"\n"))
				}
			},
			extent: small, says: "16 MiB of RAM",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := oracletest.NewMemory()
			m.Exist(lowMemory)
			tt.fill(m)
			fence := oracletest.NewFence(t, m, lowMemory, tt.extent)
			image, err := locate.Find(t.Context(), locate.Options{
				Memory: fence, Allow: fence.Allow, Extent: []transport.Range{tt.extent},
			})
			if image != nil || !errors.Is(err, oracle.ErrNoKernel) || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("Find = %v, %v, want %q", image, err, tt.says)
			}
			var read uint64
			for _, b := range m.Batches() {
				for _, r := range b {
					read += r.Length
				}
			}
			if limit := 2*tt.extent.Length + mebibyte; tt.extent == small && read > limit {
				t.Errorf("%d bytes were read, want at most %d: each place twice", read, limit)
			}
		})
	}
}

// TestSearchIsBounded fills memory with tables that map a gigabyte of nothing:
// following them all would take days.
func TestSearchIsBounded(t *testing.T) {
	m := oracletest.NewMemory()
	m.Exist(transport.Range{Length: 1 << 30})
	extent := transport.Range{Start: 0x1000000, Length: 0x4000000}
	build := oracletest.NewPageTables(m, 4, extent.Start, extent.Start+0x1000)
	build.MapRange(0xffffffff80000000, 0, 1<<30, oracletest.Page2M, oracletest.NoExecute)
	last := m.Word(extent.Start + 0xff8)
	for a := extent.Start + 0x100000; a < extent.End(); a += transport.PageSize {
		m.Words(a+0xff8, last)
	}
	image, err := locate.Find(t.Context(), locate.Options{
		Memory: m, Allow: func(...transport.Range) {}, Extent: []transport.Range{extent},
	})
	if image != nil || !errors.Is(err, oracle.ErrNoKernel) || !strings.Contains(err.Error(), "too many page tables that lead to no kernel") {
		t.Errorf("Find = %v, %v", image, err)
	}
}

func TestSearchEndsWithTheLink(t *testing.T) {
	gone := errors.New("gone")
	for _, last := range []int{1, 2, 3, 20} {
		k := withoutTrampoline()
		k.EraseBanner()
		k.Before = func(batch int, _ []transport.Read) error {
			if batch == last {
				return gone
			}
			return nil
		}
		if image, err := k.search(t, ram); image != nil || !errors.Is(err, gone) || errors.Is(err, oracle.ErrNoKernel) {
			t.Errorf("batch %d: Find = %v, %v", last, image, err)
		}
	}
}
