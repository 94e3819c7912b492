package locate_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/locate"
	"github.com/barescope/barescope/oracle/oracletest"
	"github.com/barescope/barescope/oracle/pagetable"
	"github.com/barescope/barescope/transport"
)

func TestFindThroughTheTrampoline(t *testing.T) {
	for _, p := range []oracletest.Place{oracletest.FourLevels, oracletest.FiveLevels} {
		k := newMachine(p)
		got, err := k.find(t)
		if err != nil {
			t.Fatalf("%d levels: %v", p.Levels, err)
		}
		rodata := locate.Segment{Virtual: p.Virtual + 4*mebibyte, Physical: p.Physical + 4*mebibyte, Length: 2 * mebibyte}
		want := &locate.Image{
			Tables: pagetable.Tables{Root: rootPage, Levels: p.Levels},
			Segments: []locate.Segment{
				{Virtual: p.Virtual, Physical: p.Physical, Length: 4 * mebibyte, Executable: true},
				rodata,
				{Virtual: p.Virtual + 6*mebibyte, Physical: p.Physical + 6*mebibyte, Length: 2 * mebibyte, Writable: true},
			},
			Rodata:     rodata,
			Banner:     banner,
			PageOffset: map[int]oracle.Address{4: 0xffff888000000000, 5: 0xff11000000000000}[p.Levels],
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d levels (-want +got):\n%s", p.Levels, diff)
		}
	}
}

func TestImage(t *testing.T) {
	image, err := newMachine(oracletest.FourLevels).find(t)
	if err != nil {
		t.Fatal(err)
	}
	type facts struct {
		Text, End, ExecutableEnd oracle.Address
		TextPhys                 transport.Address
		KASLROffset              uint64
		PhysBase                 int64
		Window                   pagetable.Window
		Ranges                   []transport.Range
	}
	got := facts{
		image.Text(), image.End(), image.ExecutableEnd(), image.TextPhys(), image.KASLROffset(), image.PhysBase(),
		image.Window(), image.Ranges(),
	}
	want := facts{
		Text: 0xffffffff9c200000, End: 0xffffffff9ca00000, ExecutableEnd: 0xffffffff9c600000, TextPhys: 0x2a200000,
		KASLROffset: 0x1b200000, PhysBase: 0xe000000,
		Window: pagetable.Window{Virtual: 0xffffffff9c200000, Physical: 0x2a200000, Length: 0x800000},
		Ranges: []transport.Range{{Start: 0x2a200000, Length: 0x400000}, {Start: 0x2a600000, Length: 0x200000}, {Start: 0x2a800000, Length: 0x200000}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("image (-want +got):\n%s", diff)
	}
}

// TestFindDoesNotDependOnRAM also bounds the dependent steps: two to the
// candidate, five and four levels, a look at the banner.
func TestFindDoesNotDependOnRAM(t *testing.T) {
	for _, physical := range []transport.Address{0x1000000, 0x2a200000, 0x3f_c0000000} {
		p := oracletest.FourLevels
		p.Physical = physical
		k := newMachine(p)
		if _, err := k.find(t); err != nil {
			t.Fatalf("kernel at %s: %v", physical, err)
		}
		var read uint64
		batches := k.Batches()
		for _, b := range batches {
			for _, r := range b {
				read += r.Length
			}
		}
		if len(batches) > 10 || read > 64<<10 {
			t.Errorf("kernel at %s: %d batches, %d bytes", physical, len(batches), read)
		}
	}
}

// TestFindAmongFalseCandidates puts something before the true trampoline.
func TestFindAmongFalseCandidates(t *testing.T) {
	const before = transport.Address(0x11000)
	tests := map[string]func(*machine){
		"code with a plausible last entry": func(k *machine) {
			for i := range transport.Address(512) {
				k.Words(before+8*i, 0x4889_e548_89c7_e8ff)
			}
			k.Words(before+0xff8, 0x127_a0b1c067)
		},
		"page of zeros with a plausible last entry": func(k *machine) { k.Words(before+0xff8, 0x127_a0b1c067) },
		"table that maps nothing": func(k *machine) {
			k.Words(before, 0x9d067)
			k.Words(before+0xff8, 0x20067)
		},
		"table that maps an image without a banner": func(k *machine) {
			other := oracletest.NewPageTables(k.Memory, 4, before, 0x20000)
			k.Words(before, 0x9d067)
			other.Map(0xffffffff81000000, 0x30000000, oracletest.Page2M, oracletest.NoExecute)
			k.Exist(transport.Range{Start: 0x30000000, Length: oracletest.Page2M})
		},
		"table that maps an image that lies askew": func(k *machine) {
			other := oracletest.NewPageTables(k.Memory, 4, before, 0x20000)
			k.Words(before, 0x9d067)
			other.Map(0xffffffff81000000, 0x127_00001000, oracletest.Page4K, oracletest.NoExecute)
		},
		"table that maps a device": func(k *machine) {
			other := oracletest.NewPageTables(k.Memory, 4, before, 0x20000)
			k.Words(before, 0x9d067)
			other.Map(0xffffffff81000000, 0xfee00000, oracletest.Page2M, oracletest.CacheDisable)
		},
		"table whose entries all lead to it": func(k *machine) {
			k.Words(before, uint64(before)|0x67)
			for i := transport.Address(256); i < 512; i++ {
				k.Words(before+8*i, uint64(before)|0x67)
			}
		},
		"table that maps more segments than a kernel has": func(k *machine) {
			other := oracletest.NewPageTables(k.Memory, 4, before, 0x20000)
			k.Words(before, 0x9d067)
			k.Exist(transport.Range{Start: 0, Length: 512 * oracletest.Page2M})
			for i := range oracle.Address(512) {
				other.Map(0xffffffff80000000+i<<21, transport.Address(i<<21), oracletest.Page2M, oracletest.NoExecute|uint64(i%2)*oracletest.Writable)
			}
		},
		"encrypted table": func(k *machine) {
			k.Words(before, 1<<47|0x9d067)
			k.Words(before+0xff8, 1<<47|0x3a000067)
		},
		"page that cannot be read": func(k *machine) {
			k.Words(before+0xff8, 0x3a000067)
			k.Fail(transport.Range{Start: before, Length: 8}, transport.UnsupportedRequest)
		},
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			k := newMachine(oracletest.FourLevels)
			spoil(k)
			image, err := k.find(t)
			if err != nil || image.Tables.Root != rootPage {
				t.Errorf("Find = %+v, %v", image, err)
			}
			batches := k.Batches()
			if len(batches) > 60 {
				t.Errorf("%d batches", len(batches))
			}
			for _, batch := range batches {
				for _, r := range batch {
					if r.End() > 1<<30 {
						t.Errorf("%s was read, where no RAM is", r)
					}
				}
			}
		})
	}
}

func TestFindNothing(t *testing.T) {
	tests := map[string]struct {
		spoil func(*machine)
		want  error
		says  string
	}{
		"no trampoline": {
			spoil: func(k *machine) { k.Zero(rootPage, oracletest.Page4K) },
			want:  oracle.ErrNoKernel, says: "(158 looked at, 0 unreadable); the extent of RAM would allow a search: give it with --ram",
		},
		"no low memory": {
			spoil: func(k *machine) { k.Fail(lowMemory, transport.Forbidden) },
			want:  oracle.ErrNoKernel, says: "158 unreadable",
		},
		"candidate cannot be read": {
			spoil: func(k *machine) { k.Fail(transport.Range{Start: rootPage, Length: 8}, transport.Timeout) },
			want:  oracle.ErrNoKernel, says: "1 unreadable",
		},
		"tables that map no banner": {
			spoil: func(k *machine) { k.EraseBanner() },
			want:  oracle.ErrNoKernel,
		},
		"a format instead of a banner": {
			spoil: func(k *machine) { k.EraseBanner(); k.PutBanner(k.Rodata(), "Linux version %s (%s)") },
			want:  oracle.ErrNoKernel,
		},
		"encrypted memory, bit 47": {
			spoil: func(k *machine) { k.encrypt(47) },
			want:  oracle.ErrUnsupported, says: "encrypted (bit 47 in the page table at 0x9c000)",
		},
		"encrypted memory, bit 51": {
			spoil: func(k *machine) { k.encrypt(51) },
			want:  oracle.ErrUnsupported, says: "mem_encrypt=off",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			k := newMachine(oracletest.FourLevels)
			tt.spoil(k)
			image, err := k.find(t)
			if image != nil || !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("Find = %v, %v, want %v and %q", image, err, tt.want, tt.says)
			}
		})
	}
}

// encrypt sets an encryption bit in all of the trampoline's entries.
func (k *machine) encrypt(bit int) {
	for i := transport.Address(0); i < transport.PageSize; i += 8 {
		if e := k.Word(rootPage + i); e != 0 {
			k.Words(rootPage+i, e|1<<bit)
		}
	}
}

// TestRefusalEndsTheSearchOnALiveMachine lets a left-over page lead outside
// of RAM. What follows must not be read, even with the true table behind.
func TestRefusalEndsTheSearchOnALiveMachine(t *testing.T) {
	leftOver := func() *machine {
		k := newMachine(oracletest.FourLevels)
		k.Words(0x11000, 0x9d067)
		k.Words(0x11ff8, 0x3fff_f0000067)
		return k
	}
	k := leftOver()
	fence := oracletest.NewFence(t, k.Memory, lowMemory)
	fence.StopAtRefusal = true
	image, err := locate.Find(t.Context(), locate.Options{Memory: fence, Allow: fence.Allow, Live: true})
	if image != nil || !errors.Is(err, transport.ErrReadsRefused) || errors.Is(err, oracle.ErrNoKernel) ||
		!strings.Contains(err.Error(), "follow what looks like the kernel's page table at 0x11000") {
		t.Errorf("Find = %v, %v", image, err)
	}
	batches := k.Batches()
	want := []transport.Range{{Start: 0x3fff_f0000ff8, Length: 8}}
	if diff := cmp.Diff(want, batches[len(batches)-1]); diff != "" {
		t.Errorf("last batch (-want +got):\n%s", diff)
	}

	k = leftOver()
	fence = oracletest.NewFence(t, k.Memory, lowMemory)
	fence.StopAtRefusal = true
	image, err = locate.Find(t.Context(), locate.Options{Memory: fence, Allow: fence.Allow})
	if err != nil || image.Tables.Root != rootPage {
		t.Errorf("in an image: Find = %v, %v", image, err)
	}
}

func TestFindEndsWithTheLink(t *testing.T) {
	gone := errors.New("gone")
	for last := range 9 {
		k := newMachine(oracletest.FourLevels)
		k.Before = func(batch int, _ []transport.Read) error {
			if batch == last {
				return gone
			}
			return nil
		}
		if image, err := k.find(t); image != nil || !errors.Is(err, gone) || errors.Is(err, oracle.ErrNoKernel) {
			t.Errorf("batch %d: Find = %v, %v", last, image, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := locate.Find(ctx, locate.Options{Memory: newMachine(oracletest.FourLevels).Memory, Allow: func(...transport.Range) {}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Find with a context that ended: %v", err)
	}
}
