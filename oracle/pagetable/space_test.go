package pagetable_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/oracletest"
	"github.com/barescope/barescope/oracle/pagetable"
	"github.com/barescope/barescope/transport"
)

// The space of these tests: three pages of vmalloc that lie apart in physical
// memory, a page of a device behind them, then nothing; a window of 64 KiB
// that no table describes; and the last page of the address space.
const (
	vmalloc  = oracle.Address(0xffffc90000000000)
	device   = vmalloc + 0x3000
	window   = oracle.Address(0xffff888000000000)
	lastPage = oracle.Address(0xfffffffffffff000)

	windowAt   = transport.Address(0x1000000)
	windowSize = 0x10000
)

func buildSpace() (*oracletest.Memory, *oracletest.PageTables, *pagetable.Space) {
	m, build, tables := build(4)
	for i, at := range []transport.Address{0x2008000, 0x2004000, 0x200c000} {
		build.Map(vmalloc+oracle.Address(i)<<12, at, oracletest.Page4K, oracletest.Writable)
		m.Write(at, bytes.Repeat([]byte{byte('a' + i)}, 0x1000))
	}
	build.Map(device, 0xfee00000, oracletest.Page4K, oracletest.CacheDisable)
	build.Map(lastPage, 0x2010000, oracletest.Page4K, 0)
	m.Write(0x2010000, bytes.Repeat([]byte{'z'}, 0x1000))
	m.Write(windowAt, bytes.Repeat([]byte{'w'}, windowSize))
	s := pagetable.NewSpace(m, tables, nil)
	s.AddWindow(pagetable.Window{Virtual: window, Physical: windowAt, Length: windowSize})
	return m, build, s
}

// readOne reads n bytes. The result is empty unless the outcome is Success.
func readOne(t *testing.T, s *pagetable.Space, a oracle.Address, n int) (string, transport.Outcome) {
	t.Helper()
	read := []oracle.Read{{Address: a, Data: make([]byte, n)}}
	if err := s.ReadVirtual(t.Context(), read); err != nil {
		t.Fatalf("ReadVirtual(%s, %d): %v", a, n, err)
	}
	if read[0].Outcome != transport.Success {
		return "", read[0].Outcome
	}
	return string(read[0].Data), transport.Success
}

func TestReadVirtual(t *testing.T) {
	tests := map[string]struct {
		address oracle.Address
		length  int
		want    string
		outcome transport.Outcome
	}{
		"inside of a page":                   {vmalloc + 0x10, 3, "aaa", transport.Success},
		"across pages that lie apart":        {vmalloc + 0xffe, 4, "aabb", transport.Success},
		"across three pages":                 {vmalloc + 0xfff, 0x1002, "a" + string(bytes.Repeat([]byte("b"), 0x1000)) + "c", transport.Success},
		"into a device":                      {device - 1, 2, "", transport.Forbidden},
		"a device":                           {device, 8, "", transport.Forbidden},
		"into what is not mapped":            {device + 0xfff, 2, "", transport.Forbidden},
		"not mapped":                         {device + 0x1000, 8, "", transport.Unmapped},
		"window":                             {window, 3, "www", transport.Success},
		"end of the window":                  {window + windowSize - 2, 2, "ww", transport.Success},
		"out of the window":                  {window + windowSize - 2, 3, "", transport.Unmapped},
		"behind the window":                  {window + windowSize, 1, "", transport.Unmapped},
		"before the window":                  {window - 1, 1, "", transport.Unmapped},
		"lower half":                         {0x400000, 8, "", transport.Unmapped},
		"zero":                               {0, 8, "", transport.Unmapped},
		"not canonical":                      {0x0123456789abcdef, 8, "", transport.Unmapped},
		"last byte of the address space":     {lastPage + 0xfff, 1, "z", transport.Success},
		"over the top of the address space":  {lastPage + 0xfff, 2, "", transport.Unmapped},
		"no byte":                            {vmalloc, 0, "", transport.Success},
		"no byte of what is not mapped":      {0, 0, "", transport.Success},
		"a page and a half from the top one": {lastPage + 0x800, 0x1800, "", transport.Unmapped},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, s := buildSpace()
			got, outcome := readOne(t, s, tt.address, tt.length)
			if got != tt.want || outcome != tt.outcome {
				t.Errorf("read %q, %v, want %q, %v", got, outcome, tt.want, tt.outcome)
			}
		})
	}
}

// TestReadVirtualTakesABatchALevel requires one batch a level and one for the
// data, for reads of all kinds together, and no level for what is remembered.
func TestReadVirtualTakesABatchALevel(t *testing.T) {
	m, _, s := buildSpace()
	reads := func() []oracle.Read {
		return []oracle.Read{
			{Address: vmalloc + 0xffe, Data: make([]byte, 4)},
			{Address: window + 5, Data: make([]byte, 1)},
			{Address: device, Data: make([]byte, 1)},
			{Address: vmalloc, Data: nil},
			{Address: lastPage, Data: make([]byte, 1)},
		}
	}
	steps := func(ctx context.Context) int {
		t.Helper()
		batch := reads()
		if err := s.ReadVirtual(ctx, batch); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range batch {
			got = append(got, r.Outcome.String()+" "+string(r.Data))
		}
		want := []string{"success aabb", "success w", "forbidden \x00", "success ", "success z"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("reads (-want +got):\n%s", diff)
		}
		return len(m.Batches())
	}
	for _, tt := range []struct {
		when string
		ctx  context.Context
		do   func()
		want int
	}{
		{"at first", t.Context(), func() {}, 5},
		{"again", t.Context(), func() {}, 1},
		{"fresh", transport.Fresh(t.Context()), func() {}, 5},
		{"after Forget", t.Context(), s.Forget, 5},
	} {
		tt.do()
		if got := steps(tt.ctx); got != tt.want {
			t.Errorf("%s: %d batches, want %d", tt.when, got, tt.want)
		}
	}
}

// TestTranslationsAreRemembered moves a page, which shows after Forget only or
// to who asks for a fresh answer, and requires that what was not mapped is
// looked at again.
func TestTranslationsAreRemembered(t *testing.T) {
	_, build, s := buildSpace()
	if got, _ := readOne(t, s, vmalloc, 1); got != "a" {
		t.Fatalf("read %q", got)
	}
	build.Map(vmalloc, 0x2004000, oracletest.Page4K, 0)
	if got, _ := readOne(t, s, vmalloc, 1); got != "a" {
		t.Errorf("read %q of the old page", got)
	}
	read := []oracle.Read{{Address: vmalloc, Data: make([]byte, 1)}}
	if err := s.ReadVirtual(transport.Fresh(t.Context()), read); err != nil || string(read[0].Data) != "b" {
		t.Errorf("fresh read %q, %v", read[0].Data, err)
	}
	if got, _ := readOne(t, s, vmalloc, 1); got != "b" {
		t.Errorf("read %q after a fresh walk", got)
	}
	if _, outcome := readOne(t, s, device+0x1000, 1); outcome != transport.Unmapped {
		t.Errorf("outcome %v", outcome)
	}
	build.Map(device+0x1000, 0x2004000, oracletest.Page4K, 0)
	if got, _ := readOne(t, s, device+0x1000, 1); got != "b" {
		t.Errorf("read %q of a page that was mapped meanwhile", got)
	}
}

func TestTranslate(t *testing.T) {
	m, _, s := buildSpace()
	addresses := []oracle.Address{vmalloc + 0x1234, window + 8, 0x1000, device + 4, vmalloc + 0x5000, vmalloc + 0x1678}
	got, err := s.Translate(t.Context(), addresses)
	if err != nil {
		t.Fatal(err)
	}
	want := []oracle.Translation{
		{Virtual: addresses[0], Physical: 0x2004234, Outcome: transport.Success},
		{Virtual: addresses[1], Physical: windowAt + 8, Outcome: transport.Success},
		{Virtual: addresses[2], Outcome: transport.Unmapped},
		{Virtual: addresses[3], Physical: 0xfee00004, Outcome: transport.Success},
		{Virtual: addresses[4], Outcome: transport.Unmapped},
		{Virtual: addresses[5], Physical: 0x2004678, Outcome: transport.Success},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("translations (-want +got):\n%s", diff)
	}
	if n := len(m.Batches()); n != 4 {
		t.Errorf("%d batches, want one a level", n)
	}
}

// TestWindows requires that the first of overlapping windows counts, and that
// one which wraps around the address space maps nothing in its lower half.
func TestWindows(t *testing.T) {
	m, _, s := buildSpace()
	m.Write(0x3000000, bytes.Repeat([]byte{'x'}, 0x20000))
	s.AddWindow(pagetable.Window{Virtual: window, Physical: 0x3000000, Length: 0x20000})
	s.AddWindow(pagetable.Window{Virtual: lastPage - 0x1000, Physical: 0x3000000, Length: 0x4000})
	s.AddWindow(pagetable.Window{Virtual: 0x1000, Physical: 0x3000000, Length: 0x1000})
	for a, want := range map[oracle.Address]string{
		window + windowSize - 1: "w", window + windowSize: "x", window + 0x1ffff: "x", lastPage - 1: "x", lastPage: "x",
	} {
		if got, outcome := readOne(t, s, a, 1); got != want {
			t.Errorf("read %q, %v at %s, want %q", got, outcome, a, want)
		}
	}
	for _, a := range []oracle.Address{0, 0x1000, 0x1800} {
		if _, outcome := readOne(t, s, a, 1); outcome != transport.Unmapped {
			t.Errorf("outcome at %s is %v", a, outcome)
		}
	}
}

// TestReachIsTold requires that tables and pages are reported before they are
// read, windows never, and nothing any more after Settle.
func TestReachIsTold(t *testing.T) {
	m, build, _ := buildSpace()
	fence := oracletest.NewFence(t, m, transport.Range{Start: windowAt, Length: windowSize})
	s := pagetable.NewSpace(fence, pagetable.Tables{Root: root, Levels: 4}, fence.Allow)
	s.AddWindow(pagetable.Window{Virtual: window, Physical: windowAt, Length: windowSize})
	for _, a := range []oracle.Address{window, vmalloc, device, vmalloc} {
		readOne(t, s, a, 8)
	}
	for _, r := range fence.Allowed() {
		if r.Contains(transport.Range{Start: 0xfee00000, Length: 1}) {
			t.Errorf("the page of a device was reported: %s", r)
		}
	}
	before := fence.Allowed()
	s.Settle()
	build.Map(vmalloc, 0x2004000, oracletest.Page4K, 0)
	readOne(t, s, vmalloc, 8)
	if diff := cmp.Diff(before, fence.Allowed()); diff != "" {
		t.Errorf("allowed after Settle:\n%s", diff)
	}
}

// TestOneFailingPieceFailsTheRead lets the middle page of three fail.
func TestOneFailingPieceFailsTheRead(t *testing.T) {
	for _, outcome := range []transport.Outcome{transport.Timeout, transport.UnsupportedRequest, transport.Absent} {
		m, _, s := buildSpace()
		m.Fail(transport.Range{Start: 0x2004000, Length: 1}, outcome)
		reads := []oracle.Read{
			{Address: vmalloc, Data: make([]byte, 0x3000)},
			{Address: vmalloc + 0x2000, Data: make([]byte, 1)},
		}
		if err := s.ReadVirtual(t.Context(), reads); err != nil {
			t.Fatal(err)
		}
		if reads[0].Outcome != outcome || reads[1].Outcome != transport.Success {
			t.Errorf("outcomes %v and %v, want %v and success", reads[0].Outcome, reads[1].Outcome, outcome)
		}
	}
}

// TestReadVirtualEndsWithTheLink lets each of the batches fail in turn. No
// read may claim success for bytes that did not come.
func TestReadVirtualEndsWithTheLink(t *testing.T) {
	gone := errors.New("gone")
	for last := range 5 {
		m, _, s := buildSpace()
		m.Before = func(batch int, _ []transport.Read) error {
			if batch == last {
				return gone
			}
			return nil
		}
		reads := []oracle.Read{{Address: vmalloc, Data: make([]byte, 8)}, {Address: window, Data: make([]byte, 8)}}
		err := s.ReadVirtual(t.Context(), reads)
		if !errors.Is(err, gone) || reads[0].Outcome != transport.NotRead || reads[1].Outcome != transport.NotRead {
			t.Errorf("batch %d: %v, outcomes %v and %v", last, err, reads[0].Outcome, reads[1].Outcome)
		}
		if _, err := s.Translate(t.Context(), []oracle.Address{lastPage}); last == 4 && err != nil {
			t.Errorf("Translate: %v", err)
		}
	}
}

func TestTranslateEndsWithTheLink(t *testing.T) {
	m, _, s := buildSpace()
	gone := errors.New("gone")
	m.Before = func(int, []transport.Read) error { return gone }
	got, err := s.Translate(t.Context(), []oracle.Address{vmalloc, window})
	if !errors.Is(err, gone) || got[0].Outcome != transport.NotRead || got[1].Outcome != transport.Success {
		t.Errorf("Translate = %v, %v", got, err)
	}
}

// TestReadVirtualIsAsManyReads compares one read of any range with reads of
// its single bytes.
func TestReadVirtualIsAsManyReads(t *testing.T) {
	_, _, s := buildSpace()
	rapid.Check(t, func(rt *rapid.T) {
		base := rapid.SampledFrom([]oracle.Address{vmalloc, window, window + windowSize - 16, device, lastPage}).Draw(rt, "base")
		a := base + oracle.Address(rapid.IntRange(-16, 0x1010).Draw(rt, "offset"))
		n := rapid.IntRange(1, 64).Draw(rt, "length")
		whole, outcome := readOne(t, s, a, n)
		var parts string
		first := transport.Success
		for i := range n {
			b, o := readOne(t, s, a+oracle.Address(i), 1)
			if parts += b; first == transport.Success {
				first = o
			}
		}
		if first != outcome || first == transport.Success && parts != whole {
			rt.Fatalf("%d bytes at %s: %v %q, byte by byte %v %q", n, a, outcome, whole, first, parts)
		}
	})
}

// TestSpaceIsSafeForConcurrentUse is for the race detector.
func TestSpaceIsSafeForConcurrentUse(t *testing.T) {
	m, _, _ := buildSpace()
	s := pagetable.NewSpace(m, pagetable.Tables{Root: root, Levels: 4}, func(...transport.Range) {})
	var workers sync.WaitGroup
	for worker := range 8 {
		workers.Go(func() {
			for range 50 {
				switch worker {
				case 0:
					s.Forget()
				case 1:
					s.AddWindow(pagetable.Window{Virtual: window, Physical: windowAt, Length: windowSize})
				case 2:
					s.Settle()
				}
				read := []oracle.Read{{Address: vmalloc + 0xffe, Data: make([]byte, 4)}}
				if err := s.ReadVirtual(t.Context(), read); err != nil || string(read[0].Data) != "aabb" {
					t.Errorf("read %q, %v", read[0].Data, err)
				}
			}
		})
	}
	workers.Wait()
}
