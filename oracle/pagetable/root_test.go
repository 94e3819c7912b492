package pagetable_test

import (
	"encoding/binary"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/barescope/barescope/oracle/oracletest"
	"github.com/barescope/barescope/oracle/pagetable"
)

// page returns a page of words at the indexes given.
func page(entries map[int]uint64) []byte {
	b := make([]byte, 4096)
	for i, e := range entries {
		binary.LittleEndian.PutUint64(b[8*i:], e)
	}
	return b
}

// trampoline returns what a trampoline's page table looks like: low memory,
// direct map, vmalloc, kernel.
func trampoline(more map[int]uint64) []byte {
	entries := map[int]uint64{
		0: 0x9d000 | oracletest.TableBits, 273: 0x2601067, 274: 0x3ffd2067, 402: 0x100067, 511: 0x39a15067,
	}
	maps.Copy(entries, more)
	return page(entries)
}

func TestRoots(t *testing.T) {
	// What lies in low memory of a booted machine: code whose last eight
	// bytes look like an entry that leads to 1.27 TB.
	code := make([]byte, 4096)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range code {
		code[i] = byte(random.Uint32())
	}
	binary.LittleEndian.PutUint64(code[4088:], 0x0000_0127_a0b1_c067)
	tests := map[string]struct {
		page               []byte
		trampoline, kernel bool
	}{
		"trampoline":                     {trampoline(nil), true, true},
		"without low memory":             {trampoline(map[int]uint64{0: 0}), false, true},
		"process":                        {trampoline(map[int]uint64{85: 0x1234067, 255: 0x8000_0000_0123_5067}), false, true},
		"low memory as a large page":     {trampoline(map[int]uint64{0: 0xe7}), false, true},
		"no kernel":                      {trampoline(map[int]uint64{511: 0}), false, false},
		"kernel not present":             {trampoline(map[int]uint64{511: 0x39a15066}), false, false},
		"kernel as a large page":         {trampoline(map[int]uint64{511: 0x39a150e7}), false, false},
		"upper entry not present":        {trampoline(map[int]uint64{300: 0x39a15066}), false, false},
		"upper entry beyond 64 TiB":      {trampoline(map[int]uint64{300: 1<<46 | 0x67}), false, false},
		"upper entry uncached":           {trampoline(map[int]uint64{300: 0x39a15077}), false, false},
		"upper entry with software bits": {trampoline(map[int]uint64{300: 1<<58 | 0x39a15067}), false, false},
		"upper entry to page zero":       {trampoline(map[int]uint64{300: 0x67}), false, false},
		"no-execute entries":             {trampoline(map[int]uint64{300: 1<<63 | 0x39a15067}), true, true},
		"code":                           {code, false, false},
		"zeros":                          {page(nil), false, false},
		"short":                          {trampoline(nil)[:4088], false, false},
		"long":                           {append(trampoline(nil), 0), false, false},
		"none":                           {nil, false, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := pagetable.TrampolineRoot(tt.page); got != tt.trampoline {
				t.Errorf("TrampolineRoot = %t", got)
			}
			if got := pagetable.KernelRoot(tt.page); got != tt.kernel {
				t.Errorf("KernelRoot = %t", got)
			}
		})
	}
	if !pagetable.PlausibleTop(pagetable.Entry(binary.LittleEndian.Uint64(code[4088:]))) {
		t.Error("the entry at the end of the code is not plausible by itself, so the test shows nothing")
	}
}

func TestFirstUpper(t *testing.T) {
	tests := map[string]struct {
		page []byte
		want int
	}{
		"direct map":      {trampoline(nil), 273},
		"only the kernel": {page(map[int]uint64{3: 0x1067, 511: 0x1067}), 511},
		"first":           {page(map[int]uint64{256: 0x1067}), 256},
		"none":            {page(map[int]uint64{255: 0x1067}), 512},
		"short":           {make([]byte, 100), 512},
	}
	for name, tt := range tests {
		if got := pagetable.FirstUpper(tt.page); got != tt.want {
			t.Errorf("%s: FirstUpper = %d, want %d", name, got, tt.want)
		}
	}
}
