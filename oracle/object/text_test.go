package object

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/transport"
)

func TestReadTexts(t *testing.T) {
	long := strings.Repeat("0123456789", 30)
	m := newPages()
	m.write(0x1000, "short\x00rest")
	m.write(0x1100, "\x00")
	m.write(0x1200, long+"\x00")
	m.write(0x3ff0, "over the page's end\x00") // ends in 0x4000
	m.write(0x5ffc, "lost")                    // 0x6000 is not mapped
	m.write(0x7f00, strings.Repeat("x", 0x100))
	m.write(0x8ffc, "last") // ends in the third page, the second is missing
	m.write(0xa000, "end\x00")

	addresses := []oracle.Address{0, 0x1000, 0x1100, 0x1200, 0x1000, 0x3ff0, 0x5ffc, 0x7f00, 0x8ffc, 0xb000}
	got, err := ReadTexts(t.Context(), m, addresses, 4200)
	if err != nil {
		t.Fatal(err)
	}
	want := map[oracle.Address]Text{
		0x1000: {"short", true},
		0x1100: {"", true},
		0x1200: {long, true},
		0x3ff0: {"over the page's end", true},
		0x5ffc: {"lost", false},
		0x7f00: {strings.Repeat("x", 0x100), true},
		0x8ffc: {"last", false},
		0xb000: {"", false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(m.batches) != 2 || len(m.batches[0]) != len(want) {
		t.Errorf("%d batches, the first of %d reads", len(m.batches), len(m.batches[0]))
	}
}

func TestReadTextsIsBounded(t *testing.T) {
	m := newPages()
	m.write(0x1000, strings.Repeat("y", 3*transport.PageSize))
	for _, limit := range []int{-1, 0, 1, 63, 64, 65, 5000} {
		got, err := ReadTexts(t.Context(), m, []oracle.Address{0x1000, 0xffffffffffffffff}, limit)
		if err != nil {
			t.Fatal(err)
		}
		want := map[oracle.Address]Text{0x1000: {Value: strings.Repeat("y", max(limit, 0))}, 0xffffffffffffffff: {}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("limit %d: %s", limit, diff)
		}
	}
	for _, batch := range m.batches {
		for _, r := range batch {
			if r.Address&0xfff+oracle.Address(len(r.Data)) > transport.PageSize {
				t.Errorf("read of %d bytes at %v crosses a page", len(r.Data), r.Address)
			}
		}
	}
}

func TestReadTextsReturnsError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got, err := ReadTexts(ctx, newPages(), []oracle.Address{0x1000}, 100)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(map[oracle.Address]Text{0x1000: {}}, got); diff != "" {
		t.Error(diff)
	}
}

// Wherever a string lies, it reads as it was written if it fits the limit,
// and as its beginning if not.
func TestReadTextsReadsWhatWasWritten(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := strings.Repeat("z", rapid.IntRange(0, 9000).Draw(r, "length"))
		address := oracle.Address(rapid.Uint64Range(0x1000, 0x2fff).Draw(r, "address"))
		limit := rapid.IntRange(1, 10000).Draw(r, "limit")
		m := newPages()
		m.write(0, strings.Repeat("!", 0x8000))
		m.write(address, text+"\x00")
		got, err := ReadTexts(t.Context(), m, []oracle.Address{address}, limit)
		if err != nil {
			r.Fatal(err)
		}
		want := Text{Value: text, Complete: len(text) < limit}
		if !want.Complete {
			want.Value = text[:limit]
		}
		if diff := cmp.Diff(want, got[address]); diff != "" {
			r.Fatal(diff)
		}
	})
}
