package nettlp

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/tlp"
)

// network is a wire to a card whose memory holds a pattern that names each
// address. It loses, repeats and delays what goes over it; time is virtual.
type network struct {
	t         *testing.T
	scheduler *scheduler

	loss, duplicate, late float64
	repeatRequests        float64

	mu     sync.Mutex
	random *rand.Rand
	number uint16
	busy   time.Time // until then the card works on what it has
}

const (
	// cardDelay is how long the card takes from the arrival of a request,
	// serviceTime how long it is busy with it.
	cardDelay   = 12 * time.Microsecond
	serviceTime = time.Microsecond
	// longDelay is the longest delay on the way to the client, well above
	// the time after which a tag without an answer is used again.
	longDelay = 100 * time.Millisecond
)

// pattern returns the byte of the card's memory at an address.
func pattern(a transport.Address) byte {
	v := uint64(a) / 4 * 0x9e3779b97f4a7c15
	return byte(v >> (32 + 8*(a%4)))
}

func (n *network) happens(probability float64) bool { return n.random.Float64() < probability }

func (n *network) Send(_ uint8, datagram []byte) error {
	r, err := tlp.DecodeMemoryRead(datagram[tlp.HeaderSize:])
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.happens(n.loss) {
		return nil
	}
	n.enqueue(r)
	if n.happens(n.repeatRequests) {
		n.enqueue(r)
	}
	return nil
}

// enqueue puts a request into the card's queue.
func (n *network) enqueue(r tlp.MemoryRead) {
	now := time.Now()
	n.busy = later(n.busy, now).Add(serviceTime)
	time.AfterFunc(n.busy.Sub(now)+cardDelay, func() { n.carryOut(r) })
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// carryOut sends the completions of a read, split at 64 bytes.
func (n *network) carryOut(r tlp.MemoryRead) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for offset := 0; offset < r.Length; {
		address := r.Address + transport.Address(offset)
		data := make([]byte, min(lineSize-int(address%lineSize), r.Length-offset))
		for i := range data {
			data[i] = pattern(address + transport.Address(i))
		}
		c := tlp.Completion{Requester: r.Requester, Tag: r.Tag, ByteCount: r.Length - offset, LowerAddress: uint8(address & 0x7f), Data: data}
		datagram, err := c.AppendBinary(tlp.Header{Sequence: n.number}.Append(nil))
		if err != nil {
			n.t.Errorf("completion of %+v: %v", r, err)
		}
		n.number++
		offset += len(data)
		n.deliver(r.Tag, datagram)
		if n.happens(n.duplicate) {
			n.deliver(r.Tag, datagram)
		}
	}
}

func (n *network) deliver(tag uint8, datagram []byte) {
	if n.happens(n.loss) {
		return
	}
	var delay time.Duration
	if n.happens(n.late) {
		delay = time.Duration(n.random.Int64N(int64(longDelay)))
		if n.happens(0.9) { // most of what is delayed is just out of order
			delay /= 1000
		}
	}
	time.AfterFunc(delay, func() { n.scheduler.Receive(tag, datagram, len(datagram)) })
}

// TestNoNetworkMixesUpData reads random batches over bad networks: every byte
// is the right one, and every read comes to an end.
func TestNoNetworkMixesUpData(t *testing.T) {
	for _, tt := range []struct {
		name                                  string
		loss, duplicate, late, repeatRequests float64
		tags                                  []int
	}{
		{name: "good", tags: []int{1, 4, 32}},
		{name: "2% of all", loss: 0.02, duplicate: 0.02, late: 0.02, tags: []int{1, 4, 32}},
		{name: "heavy loss", loss: 0.1, tags: []int{1, 4, 32}},
		{name: "late and repeated", duplicate: 0.2, late: 0.2, tags: []int{1, 4, 32}},
		// With few tags, there can be none left to rest.
		{name: "requests repeated", loss: 0.02, repeatRequests: 0.2, tags: []int{16, 32}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for seed := range uint64(36) {
				o := Options{Target: transportTarget, Retries: 12,
					Tags: tt.tags[seed%uint64(len(tt.tags))],
					MRRS: []int{128, 512, 4096}[seed/3%3]}
				synctest.Test(t, func(t *testing.T) {
					n := &network{t: t, loss: tt.loss, duplicate: tt.duplicate, late: tt.late,
						repeatRequests: tt.repeatRequests, random: rand.New(rand.NewPCG(seed, 0))}
					if err := n.readBatches(o); err != nil {
						t.Errorf("seed %d, %d tags, MRRS %d: %v", seed, o.Tags, o.MRRS, err)
					}
				})
			}
		})
	}
}

// readBatches has two callers read two batches each, one after the other.
func (n *network) readBatches(o Options) error {
	if err := o.complete(); err != nil {
		return err
	}
	n.scheduler = newScheduler(n, o)
	defer n.scheduler.Close(net.ErrClosed)
	for range 2 {
		n.mu.Lock()
		batches := []*batch{newBatch(randomReads(n.random), o.MRRS), newBatch(randomReads(n.random), o.MRRS)}
		n.mu.Unlock()
		for _, b := range batches {
			n.scheduler.Submit(b)
		}
		for _, b := range batches {
			<-b.done
			if err := checkBatch(b); err != nil {
				return err
			}
		}
	}
	return nil
}

func randomReads(random *rand.Rand) []transport.Read {
	reads := make([]transport.Read, 1+random.IntN(8))
	for i := range reads {
		reads[i] = transport.Read{
			Address: transport.Address(random.Uint64N(8 << 30)),
			Data:    make([]byte, 1+random.IntN(2000)),
		}
	}
	return reads
}

func checkBatch(b *batch) error {
	if b.err != nil {
		return b.err
	}
	for _, r := range b.reads {
		if r.Outcome != transport.Success {
			return fmt.Errorf("%s: %s", r.Range(), r.Outcome)
		}
		for i, got := range r.Data {
			if want := pattern(r.Address + transport.Address(i)); got != want {
				return fmt.Errorf("byte %d of %s: %#x, want %#x", i, r.Range(), got, want)
			}
		}
	}
	return nil
}
