package open_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/open"
	"github.com/barescope/barescope/oracle/oracletest"
	"github.com/barescope/barescope/transport"
)

const (
	fullBanner = "Linux version 6.1.0-test (nobody@nowhere) (gcc 12) #1 SMP Debian 6.1.0-1 (2024-02-29)"
	// Offsets of variables from the start of the kernel's text; the data
	// begins at 0x600000, the read-only data at 0x400000.
	initTask     = 0x601000
	initPGD      = 0x602000
	pageOffset   = 0x603000
	iomemRoot    = 0x604000
	utsNamespace = 0x605000
	clock        = 0x606000
	onlineMask   = 0x607000
	panicCPU     = 0x608000
	linuxBanner  = 0x400800
	notes        = 0x401000
	notesEnd     = 0x401024
	nameSystem   = 0x402000
	nameCode     = 0x402010

	// Physical addresses of what lies in the direct map alone.
	secondTask = transport.Address(0x5000000)
	resources  = transport.Address(0x5002000)
)

var ram = []transport.Range{{Start: 0x1000, Length: 0x9ec00}, {Start: 0x100000, Length: 0x3ff00000}}

// types are those that opening a kernel needs.
func types() oracletest.Types {
	at, word, text := oracletest.At, oracletest.Int(8), oracletest.Chars(65)
	list := oracletest.Struct("list_head", 16, at(0, "next", word), at(8, "prev", word))
	return oracletest.Types{
		list,
		oracletest.Struct("task_struct", 0x100, at(0x10, "tasks", list), at(0x40, "pid", oracletest.Int(4)), at(0x80, "comm", oracletest.Chars(16))),
		oracletest.Struct("resource", 64, at(0, "start", word), at(8, "end", word), at(16, "name", word), at(48, "sibling", word), at(56, "child", word)),
		oracletest.Struct("uts_namespace", 400, at(0, "name", oracletest.Struct("new_utsname", 390,
			at(0, "sysname", text), at(65, "nodename", text), at(130, "release", text), at(195, "version", text)))),
		oracletest.Struct("cpumask", 8, at(0, "bits", word)),
		oracletest.Struct("timekeeper", 80,
			at(0, "tkr_mono", oracletest.Struct("tk_read_base", 16,
				at(0, "mult", oracletest.Int(4)), at(4, "shift", oracletest.Int(4)), at(8, "xtime_nsec", word))),
			at(16, "xtime_sec", word),
			at(24, "wall_to_monotonic", oracletest.Struct("timespec64", 16, at(0, "tv_sec", word), at(8, "tv_nsec", word))),
			at(40, "offs_real", word), at(48, "offs_boot", word)),
	}
}

// target is a machine whose kernel can be opened, and the sources that know it.
type target struct {
	*oracletest.Machine
	symbols map[string]uint64 // offsets from the start of the text
	types   oracletest.Types
}

func newTarget(p oracletest.Place) *target {
	k := &target{Machine: oracletest.NewMachine(p), types: types(), symbols: map[string]uint64{
		"init_task": initTask, "init_top_pgt": initPGD, "page_offset_base": pageOffset, "iomem_resource": iomemRoot,
		"init_uts_ns": utsNamespace, "shadow_timekeeper": clock, "__cpu_online_mask": onlineMask, "panic_cpu": panicCPU,
		"linux_banner": linuxBanner, "__start_notes": notes, "__stop_notes": notesEnd,
	}}
	k.Exist(ram...)
	k.CopyPage(k.at(initPGD), oracletest.TrampolineRoot)
	k.Words(k.at(initPGD), 0)
	k.Words(k.at(pageOffset), uint64(k.DirectMap()))
	k.putTasks()
	k.putResources()
	k.putIdentity()
	return k
}

// at returns where a variable lies, virtual where its address is.
func (k *target) at(offset uint64) transport.Address {
	return k.Place.Physical + transport.Address(offset)
}
func (k *target) virtual(offset uint64) uint64 { return uint64(k.Place.Virtual) + offset }

// mapped returns the address of physical memory in the direct map.
func (k *target) mapped(a transport.Address) uint64 { return uint64(k.DirectMap()) + uint64(a) }

// putTasks links the first task with a second one.
func (k *target) putTasks() {
	first, second := k.virtual(initTask+0x10), k.mapped(secondTask+0x10)
	k.Words(k.at(initTask+0x10), second, second)
	k.Words(secondTask+0x10, first, first)
	k.Write(k.at(initTask+0x80), []byte("swapper/0"))
}

// putResources puts two ranges of RAM and a bus between them.
func (k *target) putResources() {
	k.Write(k.at(nameSystem), []byte("System RAM\x00"))
	k.Write(k.at(nameCode), []byte("PCI Bus 0000:00\x00"))
	node := func(i int) transport.Address { return resources + transport.Address(64*i) }
	k.putResource(k.at(iomemRoot), 0, 1<<46-1, nameCode, 0, k.mapped(node(0)))
	k.putResource(node(0), 0x1000, 0x9fbff, nameSystem, k.mapped(node(1)), 0)
	k.putResource(node(1), 0xa0000, 0xfffff, nameCode, k.mapped(node(2)), 0)
	k.putResource(node(2), 0x100000, 0x3fffffff, nameSystem, 0, 0)
}

func (k *target) putResource(at transport.Address, start, end, name, sibling, child uint64) {
	k.Words(at, start, end, k.virtual(name), 0, 0, 0, sibling, child)
}

// putIdentity puts what the kernel says about itself.
func (k *target) putIdentity() {
	k.PutBanner(k.at(linuxBanner), fullBanner)
	k.Words(k.at(notes), 20<<32|4, 0x00554e47_00000003) // sizes, type, "GNU"
	k.Words(k.at(notes+16), 0x0807060504030201, 0x100f0e0d0c0b0a09, 0x14131211)
	k.Write(k.at(utsNamespace+65), []byte("barehost"))
	k.Write(k.at(utsNamespace+130), []byte("6.1.0-test"))
	k.Write(k.at(utsNamespace+195), []byte("#1 SMP Debian 6.1.0-1 (2024-02-29)"))
	minus := func(v uint64) uint64 { return -v }
	k.Words(k.at(clock), 24<<32|0x800000, 0, 1709208000, minus(1709208000-3600), 0, (1709208000-3600)*1e9, 0)
	k.Words(k.at(onlineMask), 0b1011)
	k.Words(k.at(panicCPU), 0xffffffff)
}

// Name, Symbols and Types make a target the source of its own symbols and
// types.
func (k *target) Name() string { return "test" }

func (k *target) Symbols(context.Context, *open.Found) (open.Symbols, error) { return k, nil }

func (k *target) Types(context.Context, *open.Found, open.Symbols) (layout.Types, error) {
	return k.types, nil
}

// Lookup implements [open.Symbols].
func (k *target) Lookup(name string) []oracle.Symbol {
	offset, ok := k.symbols[name]
	if !ok {
		return nil
	}
	return []oracle.Symbol{{Name: name, Address: oracle.Address(k.virtual(offset))}}
}

// open opens a live target behind a fence that fails the test on any read that
// was not allowed.
func (k *target) open(t *testing.T, change ...func(*open.Options)) (*open.Kernel, *oracletest.Fence, error) {
	t.Helper()
	fence := oracletest.NewFence(t, k.Memory, oracletest.LowMemory)
	o := open.Options{
		Memory: fence, Fence: fence, Live: true,
		Symbols: []open.SymbolSource{k}, Types: []open.TypeSource{k},
	}
	for _, c := range change {
		c(&o)
	}
	kernel, err := open.Open(t.Context(), o)
	return kernel, fence, err
}

// source is a source of symbols and types that has none.
type source struct {
	name string
	err  error
}

func (s source) Name() string { return s.name }

func (s source) Symbols(context.Context, *open.Found) (open.Symbols, error) {
	return nil, fmt.Errorf("asked in vain: %w", s.err)
}

func (s source) Types(context.Context, *open.Found, open.Symbols) (layout.Types, error) {
	return nil, fmt.Errorf("asked in vain: %w", s.err)
}
