package adapter

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A page in 64 pieces, of which the sequence number is the number.
const readPage = "000000000000 00000000 1b0000ff 00002000"

// fate sends a page through a network and returns the numbers of the pieces
// in the order in which they arrive.
func fate(t *testing.T, o Options) ([]int, Stats) {
	t.Helper()
	o.MPS, o.MRRS = 64, 4096
	b := newBench(t, wide, o)
	var numbers []int
	for _, d := range b.exchange(0, fromHex(t, readPage)) {
		numbers = append(numbers, int(d[1]))
	}
	return numbers, b.count.stats()
}

func inOrder() []int {
	numbers := make([]int, 64)
	for i := range numbers {
		numbers[i] = i
	}
	return numbers
}

func TestLoss(t *testing.T) {
	o := Options{Loss: 0.2, Seed: 3}
	got, stats := fate(t, o)
	if stats.Lost == 0 || stats.Lost == 64 || len(got) != 64-int(stats.Lost) {
		t.Errorf("%d of 64 arrive, %d lost", len(got), stats.Lost)
	}
	if !slices.IsSorted(got) {
		t.Errorf("loss changed the order: %v", got)
	}
	again, _ := fate(t, o)
	if diff := cmp.Diff(got, again); diff != "" {
		t.Errorf("the same seed, another fate (-first +second):\n%s", diff)
	}
	o.Seed++
	if other, _ := fate(t, o); cmp.Equal(got, other) {
		t.Errorf("another seed, the same fate: %v", got)
	}
}

func TestRequestsAreLostToo(t *testing.T) {
	b := newBench(t, wide, Options{Loss: 1})
	if sent := b.exchange(0, fromHex(t, readRAM)); len(sent) != 0 {
		t.Errorf("sent % x", sent)
	}
	if got := b.count.stats(); got != (Stats{Lost: 1}) {
		t.Errorf("stats %+v", got)
	}
}

func TestDuplication(t *testing.T) {
	b := newBench(t, wide, Options{Duplicate: 1})
	sent := b.exchange(0, fromHex(t, readRAM))
	if len(sent) != 2 || !bytes.Equal(sent[0], sent[1]) {
		t.Errorf("sent % x, want one datagram twice", sent)
	}
	got, stats := fate(t, Options{Duplicate: 0.2})
	if stats.Duplicated == 0 || len(got) != 64+int(stats.Duplicated) {
		t.Errorf("%d arrive, %d duplicated", len(got), stats.Duplicated)
	}
	if diff := cmp.Diff(inOrder(), slices.Compact(got)); diff != "" {
		t.Errorf("besides the copies (-want +got):\n%s", diff)
	}
}

func TestReordering(t *testing.T) {
	o := Options{Reorder: 0.3, Seed: 1}
	got, stats := fate(t, o)
	if stats.Reordered == 0 || slices.IsSorted(got) {
		t.Errorf("in order, though %d changed places: %v", stats.Reordered, got)
	}
	again, _ := fate(t, o)
	if diff := cmp.Diff(got, again); diff != "" {
		t.Errorf("the same seed, another fate (-first +second):\n%s", diff)
	}
	slices.Sort(got)
	if diff := cmp.Diff(inOrder(), got); diff != "" {
		t.Errorf("something got lost or added (-want +got):\n%s", diff)
	}
}

func TestFIFOOverrun(t *testing.T) {
	// A piece is a header of 12 bytes and 64 of data, 76 in all, which
	// take ten words of eight bytes.
	const whole = 6 + 76
	for _, test := range []struct {
		name      string
		fifo      int
		sizes     []int
		truncated uint64
	}{
		{"room for two", 160, []int{whole, whole}, 0},
		{"room for two and a half", 200, []int{whole, whole, 6 + 40}, 1},
		{"words are not split", 207, []int{whole, whole, 6 + 40}, 1},
		{"room for less than a header", 8, []int{6 + 8}, 1},
		{"room for the data, but not for its last word", 72, []int{6 + 72}, 1},
		{"no room", 7, nil, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, wide, Options{FIFO: test.fifo, MPS: 64, MRRS: 4096})
			var sizes []int
			for _, d := range b.exchange(0, fromHex(t, readPage)) {
				sizes = append(sizes, len(d))
			}
			if diff := cmp.Diff(test.sizes, sizes); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			got := b.count.stats()
			if got.Truncated != test.truncated || int(got.Overrun) != 64-len(test.sizes) {
				t.Errorf("stats %+v", got)
			}
		})
	}
}

// Requests that wait when the adapter starts enter its FIFO together, but its
// configuration space has another queue.
func TestFIFOOverrunOnTheWire(t *testing.T) {
	r := newRig(t, wide, Options{FIFO: 24})
	r.send(0x3000, fromHex(t, readRAM))
	r.send(0x3001, fromHex(t, "000000000000 00000001 1b00010f 00001000"))
	r.send(0x3002, fromHex(t, "000000000000 00000001 1b00020f 00001000"))
	r.send(0x5001, fromHex(t, "3c00 00000000"))
	r.start()
	want := fromHex(t, "000000000000 4a000001 00000004 1b000000 00010203")
	if diff := cmp.Diff(want, r.reply(0x3000)); diff != "" {
		t.Errorf("first (-want +got):\n%s", diff)
	}
	want = fromHex(t, "000100000000 4a000001 00000004")
	if diff := cmp.Diff(want, r.reply(0x3001)); diff != "" {
		t.Errorf("truncated (-want +got):\n%s", diff)
	}
	want = fromHex(t, "3c00 80223776 000000000000000000000000")
	if diff := cmp.Diff(want, r.receive(0x5001)); diff != "" {
		t.Errorf("configuration space (-want +got):\n%s", diff)
	}
	if err := r.finish(); err != nil {
		t.Errorf("Run: %v", err)
	}
	if got := r.adapter.Stats(); got.Truncated != 1 || got.Overrun != 1 {
		t.Errorf("stats %+v", got)
	}
}
