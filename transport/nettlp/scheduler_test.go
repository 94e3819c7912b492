package nettlp

import (
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/tlp"
)

// deaf is a wire that notes what is asked, and never answers by itself.
type deaf struct {
	asked []tlp.MemoryRead
	err   error // of every send
}

func (d *deaf) Send(_ uint8, datagram []byte) error {
	r, err := tlp.DecodeMemoryRead(datagram[tlp.HeaderSize:])
	if err != nil {
		return err
	}
	d.asked = append(d.asked, r)
	return d.err
}

// link is a scheduler on a deaf wire, in a bubble of synctest: the test
// answers as it sees fit, and time passes when all wait.
type link struct {
	*scheduler
	*deaf
	number uint16 // of the next datagram
}

func newLink(o Options) *link {
	o.Target = transportTarget
	if err := o.complete(); err != nil {
		panic(err)
	}
	d := &deaf{}
	return &link{scheduler: newScheduler(d, o), deaf: d}
}

var transportTarget, _ = nextAddresses()

// submit starts a batch of reads of length bytes each.
func (l *link) submit(length int, addresses ...transport.Address) *batch {
	reads := make([]transport.Read, len(addresses))
	for i, a := range addresses {
		reads[i] = transport.Read{Address: a, Data: make([]byte, length)}
	}
	b := newBatch(reads, l.window.min)
	l.Submit(b)
	return b
}

// answer sends all of the n'th request's data, each byte being fill.
func (l *link) answer(n int, fill byte) {
	r := l.asked[n]
	data := make([]byte, r.Length)
	for i := range data {
		data[i] = fill
	}
	l.respond(r, 0, data)
}

// respond sends data as one completion of r.
func (l *link) respond(r tlp.MemoryRead, offset int, data []byte) {
	c := tlp.Completion{
		Requester: r.Requester, Tag: r.Tag, ByteCount: r.Length - offset,
		LowerAddress: uint8(r.Address+transport.Address(offset)) & 0x7f, Data: data,
	}
	datagram, err := c.AppendBinary(tlp.Header{Sequence: l.number}.Append(nil))
	if err != nil {
		panic(err)
	}
	l.number++
	l.Receive(r.Tag, datagram, len(datagram))
}

// inBubble runs a test with a link that has answered once.
func inBubble(t *testing.T, o Options, test func(t *testing.T, l *link)) {
	synctest.Test(t, func(t *testing.T) {
		l := newLink(o)
		b := l.submit(4, 0x1000)
		time.Sleep(20 * time.Microsecond)
		l.answer(0, 0xaa)
		if <-b.done; b.err != nil || b.reads[0].Outcome != transport.Success {
			t.Fatalf("first read: %v, %s", b.err, b.reads[0].Outcome)
		}
		l.asked = nil
		test(t, l)
		l.Close(net.ErrClosed)
	})
}

func TestOneReadUntilTheFirstAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLink(Options{})
		l.submit(4, 0x1000, 0x2000, 0x3000)
		l.submit(4, 0x4000)
		if len(l.asked) != 1 {
			t.Fatalf("%d requests before the first answer, want 1", len(l.asked))
		}
		l.answer(0, 1)
		if len(l.asked) != 4 {
			t.Errorf("%d requests after the first answer, want all 4", len(l.asked))
		}
		l.Close(net.ErrClosed)
	})
}

func TestWindowBoundsBytesInFlight(t *testing.T) {
	inBubble(t, Options{Window: 2048}, func(t *testing.T, l *link) {
		l.submit(8192, 0x10000)
		if len(l.asked) != 4 {
			t.Errorf("%d requests of 512 bytes in a window of 2048", len(l.asked))
		}
	})
}

func TestSomeTagsRest(t *testing.T) {
	inBubble(t, Options{Tags: 16}, func(t *testing.T, l *link) {
		l.submit(8192, 0x10000)
		if len(l.asked) != 14 {
			t.Errorf("%d requests with 16 tags, want 14", len(l.asked))
		}
	})
}

func TestBatchesTakeTurns(t *testing.T) {
	inBubble(t, Options{Window: 1024}, func(t *testing.T, l *link) {
		first := l.submit(4096, 0x10000)
		l.submit(1024, 0x20000)
		l.submit(1024, 0x30000)
		for n := range 7 {
			l.answer(n, 1)
		}
		var got []transport.Address
		for _, r := range l.asked[2:8] {
			got = append(got, r.Address)
		}
		want := []transport.Address{0x10400, 0x20000, 0x30000, 0x10600, 0x20200, 0x30200}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("order of requests (-want +got):\n%s", diff)
		}
		l.Abandon(first)
	})
}

func TestLateAnswerIsSwallowed(t *testing.T) {
	inBubble(t, Options{Tags: 4}, func(t *testing.T, l *link) {
		b := l.submit(4, 0x1000)
		time.Sleep(minTimeout)
		synctest.Wait()
		if len(l.asked) != 2 || l.asked[1].Tag == l.asked[0].Tag {
			t.Fatalf("requests %v, want a second one with another tag", l.asked)
		}
		l.answer(0, 0xee)
		l.answer(1, 0x11)
		<-b.done
		if got := b.reads[0].Data[0]; got != 0x11 {
			t.Errorf("data %#x, want that of the retry", got)
		}
		if s := l.Stats(); s.Late != 1 || s.Retries != 1 || s.Timeouts != 1 {
			t.Errorf("counters %+v, want one late, one retry, one timeout", s)
		}
		if l.slots[l.asked[0].Tag].state != idle {
			t.Error("the tag stays in quarantine after all of its answer came")
		}
	})
}

func TestQuarantineEndsWhenYoungerRequestsAreAnswered(t *testing.T) {
	inBubble(t, Options{Tags: 4}, func(t *testing.T, l *link) {
		b := l.submit(4, 0x1000)
		time.Sleep(minTimeout)
		synctest.Wait()
		l.answer(1, 1)
		<-b.done
		lost := l.asked[0].Tag
		for range 8 { // too soon: the lost tag is not used
			l.submit(4, 0x2000)
			if l.answer(len(l.asked)-1, 1); l.asked[len(l.asked)-1].Tag == lost {
				t.Fatal("a tag in quarantine was used")
			}
		}
		time.Sleep(5 * minTimeout)
		used := false
		for range 8 {
			l.submit(4, 0x2000)
			l.answer(len(l.asked)-1, 1)
			used = used || l.asked[len(l.asked)-1].Tag == lost
			l.mu.Lock()
			l.reclaim()
			l.mu.Unlock()
		}
		if !used {
			t.Error("the tag was not used again")
		}
	})
}

func TestQuarantineEndsByItself(t *testing.T) {
	inBubble(t, Options{Tags: 1}, func(t *testing.T, l *link) {
		b := l.submit(4, 0x1000)
		start := time.Now()
		for l.Stats().Requests < 3 {
			time.Sleep(time.Millisecond)
		}
		if rested := time.Since(start) - minTimeout; rested < 4*DefaultTimeout {
			t.Errorf("the only tag rested %v, want several timeouts", rested)
		}
		l.answer(1, 1)
		<-b.done
	})
}

func TestOnlyMissingLinesAreAskedForAgain(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, l *link) {
		b := l.submit(512, 0x1000)
		r := l.asked[0]
		l.respond(r, 64, make([]byte, 64))
		l.respond(r, 256, make([]byte, 256))
		time.Sleep(minGrace)
		synctest.Wait()
		var got []transport.Range
		for _, r := range l.asked[1:] {
			got = append(got, transport.Range{Start: r.Address, Length: uint64(r.Length)})
		}
		want := []transport.Range{{Start: 0x1080, Length: 128}, {Start: 0x1000, Length: 64}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("asked for again (-want +got):\n%s", diff)
		}
		l.answer(1, 1)
		l.answer(2, 1)
		<-b.done
		if b.reads[0].Outcome != transport.Success {
			t.Errorf("outcome %s", b.reads[0].Outcome)
		}
	})
}

func TestSilentReadTimesOut(t *testing.T) {
	inBubble(t, Options{Retries: 2}, func(t *testing.T, l *link) {
		b := l.submit(4, 0x1000)
		<-b.done
		if b.err != nil || b.reads[0].Outcome != transport.Timeout || len(l.asked) != 3 {
			t.Errorf("%v, %s after %d requests, want a timeout after 3", b.err, b.reads[0].Outcome, len(l.asked))
		}
	})
}

// manyAddresses returns n addresses, each in a page of its own.
func manyAddresses(n int) []transport.Address {
	addresses := make([]transport.Address, n)
	for i := range addresses {
		addresses[i] = transport.Address(i * transport.PageSize)
	}
	return addresses
}

func TestLinkDiesInTheMiddle(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, l *link) {
		start := time.Now()
		b, other := l.submit(4, manyAddresses(1000)...), l.submit(4, manyAddresses(1000)...)
		<-b.done
		<-other.done
		if !errors.Is(b.err, errSilence) || !errors.Is(other.err, errSilence) {
			t.Errorf("errors %v, %v, want %v", b.err, other.err, errSilence)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("it took %v to give up", took)
		}
		before := len(l.asked)
		l.submit(8192, 0x1000)
		if n := len(l.asked) - before; n != 1 {
			t.Errorf("%d requests on a link that was dead, want to begin with 1", n)
		}
	})
}

func TestRefusedPortsCostNoAttempt(t *testing.T) {
	inBubble(t, Options{Tags: 16, Retries: -1}, func(t *testing.T, l *link) {
		b := l.submit(4, 0x1000)
		for n := range 8 {
			l.Refused(l.asked[n].Tag)
		}
		l.answer(8, 1)
		<-b.done
		if s := l.Stats(); b.reads[0].Outcome != transport.Success || s.Refused != 8 || s.Retries != 0 {
			t.Errorf("%s with %+v, want success after 8 refusals", b.reads[0].Outcome, s)
		}
	})
}

func TestAllPortsRefused(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, l *link) {
		l.err = errors.New("connection refused")
		start := time.Now()
		b := l.submit(4, manyAddresses(1000)...)
		<-b.done
		if !errors.Is(b.err, errSilence) || time.Since(start) > 5*time.Second {
			t.Errorf("%v after %v, want %v within seconds", b.err, time.Since(start), errSilence)
		}
	})
}

func TestAbandonedReadsAreNotWritten(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, l *link) {
		b := l.submit(512, 0x1000)
		l.Abandon(b)
		l.answer(0, 0xee)
		if b.reads[0].Data[0] != 0 || b.reads[0].Outcome != transport.NotRead {
			t.Errorf("data %#x, %s after the batch was abandoned", b.reads[0].Data[0], b.reads[0].Outcome)
		}
		if s := l.Stats(); s.Late != 1 || l.inFlight != 0 || l.bytesInFlight != 0 {
			t.Errorf("counters %+v, %d requests of %d bytes in flight", s, l.inFlight, l.bytesInFlight)
		}
	})
}

func TestUnexpectedCompletion(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, l *link) {
		b := l.submit(4, 0x1000)
		l.answer(0, 1)
		<-b.done
		l.answer(0, 2)
		l.number--
		l.answer(0, 3)
		if s := l.Stats(); s.Discarded.Unexpected != 1 || s.Duplicates != 1 {
			t.Errorf("counters %+v, want one unexpected, one duplicate", s)
		}
	})
}

func TestLateErrorEndsTheQuarantine(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, l *link) {
		b := l.submit(512, 0x1000)
		l.Abandon(b)
		r := l.asked[0]
		l.Receive(r.Tag, fromHex(t, "0001 00000000  0a 00 00 00  00 00 20 04  00 00 01 00"), 18)
		if s := l.Stats(); r.Tag != 1 || s.Late != 1 || l.slots[r.Tag].state != idle {
			t.Errorf("tag %d, counters %+v, state %d; want tag 1 idle after one late completion", r.Tag, s, l.slots[r.Tag].state)
		}
	})
}

func TestCloseEndsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLink(Options{})
		batches := []*batch{l.submit(4, 0x1000), l.submit(4, 0x2000), l.submit(4, 0x3000)}
		l.Close(net.ErrClosed)
		for i, b := range batches {
			if <-b.done; !errors.Is(b.err, net.ErrClosed) {
				t.Errorf("batch %d: %v, want %v", i, b.err, net.ErrClosed)
			}
		}
	})
}
