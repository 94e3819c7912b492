package open_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/open"
	"github.com/barescope/barescope/oracle/oracletest"
	"github.com/barescope/barescope/transport"
)

func TestOpen(t *testing.T) {
	for _, p := range []oracletest.Place{oracletest.FourLevels, oracletest.FiveLevels} {
		target := newTarget(p)
		k, fence, err := target.open(t)
		if err != nil {
			t.Fatalf("%d levels: %v", p.Levels, err)
		}
		want := &oracle.Identity{
			Release: "6.1.0-test", Version: "#1 SMP Debian 6.1.0-1 (2024-02-29)", Banner: fullBanner,
			BuildID: "0102030405060708090a0b0c0d0e0f1011121314", Arch: "x86_64", PagingLevels: p.Levels,
			TextBase: p.Virtual, TextPhys: p.Physical, KASLROffset: uint64(p.Virtual - 0xffffffff81000000),
			PhysBase: int64(p.Physical) - int64(p.Virtual-0xffffffff80000000), PageOffset: target.DirectMap(),
			BootTime: time.Date(2024, 2, 29, 11, 0, 0, 0, time.UTC), Uptime: time.Hour,
			RAM: ram, TypesFrom: "test", SymbolsFrom: "test", CPUs: 3, Hostname: "barehost",
		}
		if diff := cmp.Diff(want, k.Identity()); diff != "" {
			t.Errorf("%d levels: identity (-want +got):\n%s", p.Levels, diff)
		}
		if diff := cmp.Diff([][]transport.Range{ram}, fence.Restrictions()); diff != "" {
			t.Errorf("%d levels: Restrict was called with (-want +got):\n%s", p.Levels, diff)
		}
	}
}

// TestOpenedKernel asks an opened kernel what walkers ask.
func TestOpenedKernel(t *testing.T) {
	target := newTarget(oracletest.FourLevels)
	target.Write(0x3f000ffe, []byte("abcd"))
	k, _, err := target.open(t)
	if err != nil {
		t.Fatal(err)
	}
	target.Batches()
	a := target.DirectMap() + 0x3f000ffe
	read := []oracle.Read{{Address: a, Data: make([]byte, 4)}}
	if err := k.ReadVirtual(t.Context(), read); err != nil || string(read[0].Data) != "abcd" {
		t.Errorf("read %q, %v, %v", read[0].Data, read[0].Outcome, err)
	}
	if n := len(target.Batches()); n != 1 {
		t.Errorf("a read of the direct map took %d batches", n)
	}
	translated, err := k.Translate(t.Context(), []oracle.Address{a})
	want := []oracle.Translation{{Virtual: a, Physical: 0x3f000ffe, Outcome: transport.Success}}
	if diff := cmp.Diff(want, translated); err != nil || diff != "" {
		t.Errorf("err %v, Translate (-want +got):\n%s", err, diff)
	}
	if _, err := k.Symbol(t.Context(), "no_such_symbol"); !errors.Is(err, oracle.ErrUnknownSymbol) {
		t.Errorf("Symbol: %v", err)
	}
}

// TestNothingButRAMIsReadOnceItIsKnown lets the kernel's tables map memory that
// is no RAM, before and after.
func TestNothingButRAMIsReadOnceItIsKnown(t *testing.T) {
	target := newTarget(oracletest.FourLevels)
	k, fence, err := target.open(t)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range fence.Allowed() {
		if !contains(ram, r) {
			t.Errorf("%s may be read, which is no RAM", r)
		}
	}
	before := fence.Allowed()
	if _, err := k.Translate(t.Context(), []oracle.Address{0xffffffffff5fb000}); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(before, fence.Allowed()); diff != "" {
		t.Errorf("what may be read changed:\n%s", diff)
	}
}

func contains(ranges []transport.Range, r transport.Range) bool {
	for _, outer := range ranges {
		if outer.Contains(r) {
			return true
		}
	}
	return false
}

// TestStagesFailByName spoils one thing after the other.
func TestStagesFailByName(t *testing.T) {
	rename := func(k *target, kind string) {
		for _, typ := range k.types {
			if typ.Name == kind {
				typ.Name = "other"
			}
		}
	}
	tests := map[string]struct {
		spoil func(*target)
		want  error
		says  string
	}{
		"no kernel": {
			spoil: func(k *target) { k.Zero(oracletest.TrampolineRoot, 4096) }, want: oracle.ErrNoKernel, says: "--ram",
		},
		"encrypted": {
			spoil: func(k *target) {
				for _, i := range []transport.Address{0, 273 * 8, 511 * 8} {
					k.Words(oracletest.TrampolineRoot+i, k.Word(oracletest.TrampolineRoot+i)|1<<47)
				}
			}, want: oracle.ErrUnsupported, says: "mem_encrypt=off",
		},
		"read-only data unreadable": {
			spoil: func(k *target) { k.Fail(transport.Range{Start: k.at(0x5ff000), Length: 1}, transport.Timeout) },
			want:  oracle.ErrNoSymbols, says: "timeout",
		},
		"no data symbols":    {spoil: func(k *target) { delete(k.symbols, "init_task") }, want: oracle.ErrNoSymbols, says: "CONFIG_KALLSYMS_ALL"},
		"no resource symbol": {spoil: func(k *target) { delete(k.symbols, "iomem_resource") }, want: oracle.ErrNoSymbols, says: "map of RAM"},
		"no task_struct":     {spoil: func(k *target) { rename(k, "task_struct") }, want: oracle.ErrNoTypes, says: "task_struct"},
		"no resource type":   {spoil: func(k *target) { rename(k, "resource") }, want: oracle.ErrNoTypes, says: "resource"},
		"task with a pid": {
			spoil: func(k *target) { k.Words(k.at(initTask+0x40), 7) }, want: oracle.ErrContradiction, says: `pid 7 and name "swapper/0"`,
		},
		"task of another name": {
			spoil: func(k *target) { k.Write(k.at(initTask+0x80), []byte("init\x00")) }, want: oracle.ErrContradiction, says: "try again",
		},
		"init_task unreadable": {
			spoil: func(k *target) {
				k.Fail(transport.Range{Start: k.at(initTask), Length: 8 << 10}, transport.CompleterAbort)
			},
			want: oracle.ErrContradiction, says: "completer abort",
		},
		"init_task outside of what is mapped": {
			spoil: func(k *target) { k.symbols["init_task"] = 0x10000000 }, want: oracle.ErrContradiction, says: "unmapped",
		},
		"task list that does not close": {
			spoil: func(k *target) { k.Words(secondTask+0x18, 0) }, want: oracle.ErrContradiction, says: "does not point back",
		},
		"task list that leads nowhere": {
			spoil: func(k *target) { k.Words(k.at(initTask+0x10), 0x6b6b6b6b6b6b6b6b) }, want: oracle.ErrContradiction, says: "does not point back",
		},
		"page table outside of the image": {
			spoil: func(k *target) { k.symbols["init_top_pgt"] = 0x20000000 }, want: oracle.ErrContradiction, says: "init_top_pgt",
		},
		"page table inside of a page": {
			spoil: func(k *target) { k.symbols["init_top_pgt"] += 8 }, want: oracle.ErrContradiction, says: "init_top_pgt",
		},
		"direct map elsewhere": {
			spoil: func(k *target) { k.Words(k.at(pageOffset), uint64(k.DirectMap())+0x40000000) }, want: oracle.ErrContradiction, says: "direct map",
		},
		"direct map in the lower half": {
			spoil: func(k *target) { k.Words(k.at(pageOffset), 0x1000) }, want: oracle.ErrContradiction, says: "direct map begins at 0x1000",
		},
		"page_offset_base unreadable": {
			spoil: func(k *target) { k.Fail(transport.Range{Start: k.at(pageOffset), Length: 8}, transport.Timeout) },
			want:  oracle.ErrContradiction, says: "page_offset_base",
		},
		"resource tree that loops": {
			spoil: func(k *target) { k.Words(resources+2*64+48, k.mapped(resources)) }, want: oracle.ErrContradiction, says: "malformed resource tree",
		},
		"image outside of RAM": {
			spoil: func(k *target) { k.Words(resources+2*64+8, 0x1fffffff) }, want: oracle.ErrContradiction, says: "lies outside",
		},
		"no RAM": {
			spoil: func(k *target) { k.Write(k.at(nameSystem), []byte("Reserved\x00")) }, want: oracle.ErrContradiction, says: "lies outside",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			target := newTarget(oracletest.FourLevels)
			tt.spoil(target)
			k, fence, err := target.open(t)
			if k != nil || !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("Open = %v, %v, want %v and %q", k, err, tt.want, tt.says)
			}
			for _, stage := range []error{oracle.ErrNoKernel, oracle.ErrUnsupported, oracle.ErrNoSymbols, oracle.ErrNoTypes, oracle.ErrContradiction} {
				if stage != tt.want && errors.Is(err, stage) {
					t.Errorf("%v is of the stage %q, too", err, stage)
				}
			}
			if len(fence.Restrictions()) != 0 {
				t.Errorf("Restrict was called with %v", fence.Restrictions())
			}
		})
	}
}

// TestOpenEndsWithTheLink lets each batch fail in turn: the error is the
// link's, and of no stage.
func TestOpenEndsWithTheLink(t *testing.T) {
	whole := newTarget(oracletest.FourLevels)
	if _, _, err := whole.open(t); err != nil {
		t.Fatal(err)
	}
	for last := range whole.Batches() {
		target := newTarget(oracletest.FourLevels)
		target.Before = func(batch int, _ []transport.Read) error {
			if batch == last {
				return transport.ErrNoLink
			}
			return nil
		}
		k, _, err := target.open(t)
		if k != nil || !errors.Is(err, transport.ErrNoLink) {
			t.Errorf("batch %d: Open = %v, %v", last, k, err)
		}
		for _, stage := range []error{oracle.ErrNoKernel, oracle.ErrNoSymbols, oracle.ErrNoTypes, oracle.ErrContradiction} {
			if errors.Is(err, stage) {
				t.Errorf("batch %d: %v", last, err)
			}
		}
	}
}

// TestTaskListThatChanges lets a task go between two readings.
func TestTaskListThatChanges(t *testing.T) {
	const third = transport.Address(0x5001000)
	target := newTarget(oracletest.FourLevels)
	target.Words(target.at(initTask+0x10), target.mapped(third+0x10))
	target.Words(third+0x10, 0, 0) // taken off the list
	target.Before = func(_ int, reads []transport.Read) error {
		for _, r := range reads {
			if r.Address == third+0x18 { // the successor that init_task led to is being asked
				target.Words(target.at(initTask+0x10), target.mapped(secondTask+0x10))
			}
		}
		return nil
	}
	if k, _, err := target.open(t); err != nil {
		t.Errorf("Open = %v, %v", k, err)
	}
}

func TestIdentityWithoutWhatIsMissing(t *testing.T) {
	tests := map[string]struct {
		spoil func(*target)
		want  func(*oracle.Identity)
	}{
		"no symbols for it": {
			spoil: func(k *target) {
				for _, name := range []string{"init_uts_ns", "shadow_timekeeper", "__cpu_online_mask", "panic_cpu", "linux_banner", "__start_notes"} {
					delete(k.symbols, name)
				}
			},
			want: func(id *oracle.Identity) {
				id.Banner, id.Version = oracletest.Banner, "#1 SMP Tue"
				id.BuildID, id.BootTime, id.Uptime, id.CPUs, id.Hostname = "", time.Time{}, 0, 0, ""
			},
		},
		"no page_offset_base": {
			spoil: func(k *target) { delete(k.symbols, "page_offset_base") }, want: func(*oracle.Identity) {},
		},
		"none of it readable": {
			spoil: func(k *target) {
				for _, offset := range []uint64{utsNamespace, clock, onlineMask, panicCPU} {
					k.Fail(transport.Range{Start: k.at(offset), Length: 4096}, transport.Timeout)
				}
			},
			want: func(id *oracle.Identity) {
				id.BootTime, id.Uptime, id.CPUs, id.Hostname = time.Time{}, 0, 0, ""
			},
		},
		"panicked": {
			spoil: func(k *target) { k.Words(k.at(panicCPU), 0) }, want: func(id *oracle.Identity) { id.Panicked = true },
		},
		"its configuration": {
			spoil: func(k *target) { k.Write(k.at(0x410000), []byte("IKCFG_ST\x1f\x8b")) }, want: func(id *oracle.Identity) { id.IKConfig = true },
		},
		"notes outside of the read-only data": {
			spoil: func(k *target) { k.symbols["__stop_notes"] = 0x700000 }, want: func(id *oracle.Identity) { id.BuildID = "" },
		},
		"linux_banner outside of the read-only data": {
			spoil: func(k *target) { k.symbols["linux_banner"] = 0x700000 },
			want:  func(id *oracle.Identity) { id.Banner = oracletest.Banner },
		},
	}
	whole, _, err := newTarget(oracletest.FourLevels).open(t)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			target := newTarget(oracletest.FourLevels)
			tt.spoil(target)
			k, _, err := target.open(t)
			if err != nil {
				t.Fatal(err)
			}
			want := *whole.Identity()
			tt.want(&want)
			if diff := cmp.Diff(&want, k.Identity()); diff != "" {
				t.Errorf("identity (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSourcesAreAskedInOrder(t *testing.T) {
	broken := errors.New("file is broken")
	none := func(name string) source { return source{name, errors.Join(oracle.ErrNoSymbols, oracle.ErrNoTypes)} }
	target := newTarget(oracletest.FourLevels)
	k, _, err := target.open(t, func(o *open.Options) {
		o.Symbols = []open.SymbolSource{none("a"), none("b"), target, source{"never", broken}}
		o.Types = []open.TypeSource{none("a"), target, source{"never", broken}}
	})
	if err != nil || k.Identity().SymbolsFrom != "test" || k.Identity().TypesFrom != "test" {
		t.Errorf("Open = %v, %v", k, err)
	}
	tests := map[string]struct {
		symbols []open.SymbolSource
		types   []open.TypeSource
		want    error
		says    []string
		not     string
	}{
		"no symbols":         {symbols: []open.SymbolSource{none("a"), none("b")}, want: oracle.ErrNoSymbols, says: []string{"a: asked", "b: asked"}},
		"no types":           {symbols: []open.SymbolSource{target}, types: []open.TypeSource{none("a"), none("b")}, want: oracle.ErrNoTypes, says: []string{"a: asked", "b: asked"}},
		"a broken source":    {symbols: []open.SymbolSource{none("a"), source{"b", broken}, none("c")}, want: broken, says: []string{"a: asked", "b: asked"}, not: "c: asked"},
		"broken types":       {symbols: []open.SymbolSource{target}, types: []open.TypeSource{source{"a", broken}, none("b")}, want: broken, says: []string{"a: asked"}, not: "b: asked"},
		"memory without any": {want: oracle.ErrNoSymbols, says: []string{"memory: ", "CONFIG_KALLSYMS"}},
		"memory without BTF": {symbols: []open.SymbolSource{target}, want: oracle.ErrNoTypes, says: []string{"memory: ", "CONFIG_DEBUG_INFO_BTF"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			k, _, err := newTarget(oracletest.FourLevels).open(t, func(o *open.Options) { o.Symbols, o.Types = tt.symbols, tt.types })
			if k != nil || !errors.Is(err, tt.want) {
				t.Fatalf("Open = %v, %v, want %v", k, err, tt.want)
			}
			for _, text := range tt.says {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("%q does not say %q", err, text)
				}
			}
			if tt.not != "" && strings.Contains(err.Error(), tt.not) {
				t.Errorf("%q says %q", err, tt.not)
			}
		})
	}
}

// pins is a cache that takes note of what it is told.
type pins struct {
	pinned   []transport.Range
	advances int
}

func (p *pins) Pin(ranges ...transport.Range) { p.pinned = append(p.pinned, ranges...) }
func (p *pins) Advance()                      { p.advances++ }

func TestCacheIsTold(t *testing.T) {
	target, cache := newTarget(oracletest.FourLevels), &pins{}
	k, _, err := target.open(t, func(o *open.Options) { o.Cache = cache })
	if err != nil {
		t.Fatal(err)
	}
	k.Refresh()
	want := []transport.Range{{Start: target.Rodata(), Length: oracletest.Page2M}}
	if diff := cmp.Diff(want, cache.pinned); diff != "" || cache.advances != 1 {
		t.Errorf("advanced %d times, pinned (-want +got):\n%s", cache.advances, diff)
	}
}

// TestOpenWithoutFenceAndCache opens an image, which needs neither.
func TestOpenWithoutFenceAndCache(t *testing.T) {
	target := newTarget(oracletest.FourLevels)
	o := open.Options{Memory: target.Memory, Symbols: []open.SymbolSource{target}, Types: []open.TypeSource{target}}
	k, err := open.Open(t.Context(), o)
	if err != nil || k.Identity().Hostname != "barehost" {
		t.Fatalf("Open = %v, %v", k, err)
	}
	k.Refresh()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if k, err := open.Open(ctx, o); k != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("Open with a context that ended = %v, %v", k, err)
	}
}
