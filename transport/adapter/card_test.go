package adapter

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/tlp"
)

// bench is a card without sockets whose clock stands still.
type bench struct {
	*card
	t   testing.TB
	now time.Duration
}

func newBench(t testing.TB, memory transport.Memory, o Options) *bench {
	t.Helper()
	o = o.withDefaults()
	if err := o.validate(); err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t}
	b.card = newCard(memory, o, func() time.Duration { return b.now })
	return b
}

// exchange hands the card datagrams that arrive together, and returns what is
// sent in answer to them.
func (b *bench) exchange(socket int, datagrams ...[]byte) [][]byte {
	b.t.Helper()
	b.out.reset()
	for _, d := range datagrams {
		b.receive(socket, d)
	}
	if err := b.answer(context.Background()); err != nil {
		b.t.Fatal(err)
	}
	var sent [][]byte
	for _, d := range b.out.queue {
		sent = append(sent, append([]byte(nil), b.out.buf[d.start:d.end]...))
	}
	return sent
}

func TestTimestamps(t *testing.T) {
	b := newBench(t, wide, Options{})
	for _, test := range []struct {
		now  time.Duration
		want string // sequence, then ticks of 6.4 ns
	}{
		{0, "0000 00000000"},
		{64 * time.Nanosecond, "0001 0000000a"},
		{time.Second, "0002 09502f90"},      // 156250000
		{28 * time.Second, "0003 04c533c0"}, // 4375000000 - 2^32 = 80032704
	} {
		b.now = test.now
		sent := b.exchange(0, fromHex(t, readRAM))
		if len(sent) != 1 {
			t.Fatalf("%d datagrams, want 1", len(sent))
		}
		if diff := cmp.Diff(fromHex(t, test.want), sent[0][:6]); diff != "" {
			t.Errorf("after %v (-want +got):\n%s", test.now, diff)
		}
	}
}

func TestSequenceWraps(t *testing.T) {
	b := newBench(t, wide, Options{})
	b.sequence = 0xffff
	sent := b.exchange(0, fromHex(t, readRAM), fromHex(t, readRAM))
	if len(sent) != 2 || sent[0][0] != 0xff || sent[0][1] != 0xff || sent[1][0] != 0 || sent[1][1] != 0 {
		t.Errorf("sent % x", sent)
	}
}

func TestLatency(t *testing.T) {
	b := newBench(t, wide, Options{Latency: 1500 * time.Microsecond})
	if got := b.waiting.pause(b.now); got >= 0 {
		t.Errorf("pause of %v while nothing waits", got)
	}
	if sent := b.exchange(0, fromHex(t, readRAM)); len(sent) != 0 {
		t.Fatalf("sent % x at once", sent)
	}
	for _, test := range []struct{ now, pause time.Duration }{
		{0, time.Millisecond}, // a timer will do
		{501 * time.Microsecond, 0},
		{1499 * time.Microsecond, 0},
	} {
		b.now = test.now
		if got := b.waiting.pause(b.now); got != test.pause {
			t.Errorf("after %v: pause of %v, want %v", test.now, got, test.pause)
		}
		if sent := b.exchange(0); len(sent) != 0 {
			t.Fatalf("sent % x after %v", sent, test.now)
		}
	}
	b.now = 1500 * time.Microsecond
	if sent := b.exchange(0); len(sent) != 1 {
		t.Errorf("sent % x when it was due", sent)
	}
}

func TestTooManyWait(t *testing.T) {
	b := newBench(t, wide, Options{Latency: time.Second})
	for range maxWaiting + 1 {
		b.receive(0, fromHex(t, readRAM))
	}
	if got := b.count.stats(); got.Silent != 1 || got.Requests != maxWaiting+1 {
		t.Errorf("stats %+v", got)
	}
	b.now = time.Second
	answered := 0
	for b.waiting.count > 0 {
		answered += len(b.exchange(0))
	}
	if answered != maxWaiting {
		t.Errorf("%d answered, want %d", answered, maxWaiting)
	}
}

func TestHotPathDoesNotAllocate(t *testing.T) {
	b := newBench(t, wide, Options{MPS: 64})
	request := fromHex(t, "000000000000 00000080 1b0000ff 00001000") // 512 bytes
	allocations := testing.AllocsPerRun(100, func() {
		b.out.reset()
		for range 32 {
			b.receive(0, request)
		}
		if err := b.answer(context.Background()); err != nil {
			t.Fatal(err)
		}
	})
	if allocations != 0 {
		t.Errorf("%v allocations in a round", allocations)
	}
}

// FuzzCard feeds a card two datagrams. Whatever they are, what it sends are
// packets of the right kind, for a socket that exists.
func FuzzCard(f *testing.F) {
	f.Add(fromHex(f, readRAM), fromHex(f, readHole), false, uint8(0))
	f.Add(fromHex(f, "3c01 00000000"), fromHex(f, "7c01 00000007"), true, uint8(1))
	f.Add(fromHex(f, "000000000000 40000001 1b00000f 00001000 ffffffff"), []byte{}, false, uint8(2))
	f.Fuzz(func(t *testing.T, first, second []byte, config bool, seed uint8) {
		o := Options{MRRS: 4096, Seed: uint64(seed), MPS: 64 << (seed % 3)}
		if seed%2 == 1 {
			o.FIFO, o.Reorder, o.Duplicate = 512, 0.3, 0.3
		}
		b := newBench(t, ramp{end: 0x2000}, o)
		socket := 0
		if config {
			socket = b.configSocket()
		}
		sent := b.exchange(socket, first, second)
		for i, d := range b.out.queue {
			if d.socket == b.configSocket() {
				if _, err := tlp.DecodeConfig(sent[i]); err != nil {
					t.Fatalf("sent % x: %v", sent[i], err)
				}
				continue
			}
			if d.socket < 0 || d.socket > b.configSocket() || d.size() > tlp.HeaderSize+tlp.CompletionHeaderSize+o.MPS {
				t.Fatalf("sent %d bytes by socket %d", d.size(), d.socket)
			}
			_, packet, err := tlp.DecodeHeader(sent[i])
			if err == nil {
				_, err = tlp.DecodeCompletion(packet)
			}
			if err != nil && b.count.truncated.Load() == 0 {
				t.Fatalf("sent % x: %v", sent[i], err)
			}
		}
		if c := b.count.stats(); c.Requests+c.Config+c.Malformed+c.Foreign != 2 {
			t.Fatalf("of two datagrams: %+v", c)
		}
	})
}
