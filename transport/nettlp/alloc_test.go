package nettlp

import (
	"encoding/binary"
	"net"
	"testing"
	"time"

	"github.com/barescope/barescope/transport"
)

// backlog is a wire that notes the tags that are asked with.
type backlog struct {
	tags [256]uint8
	n    int
}

func (b *backlog) send(tag uint8, _ []byte) error {
	b.tags[b.n%len(b.tags)] = tag
	b.n++
	return nil
}

// TestAllocationsDoNotGrowWithRequests reads one line and many in a batch.
func TestAllocationsDoNotGrowWithRequests(t *testing.T) {
	o := Options{Target: transportTarget, Requester: 0x1b00}
	if err := o.complete(); err != nil {
		t.Fatal(err)
	}
	w := &backlog{}
	s := newScheduler(w, o)
	defer s.Close(net.ErrClosed)
	s.trip = roundTrip{mean: time.Minute, limit: time.Minute} // no retry on a busy machine
	// Sequence number in bytes 0 and 1, tag in byte 16.
	datagram := fromHex(t, "0000 00000000  4a 00 00 80  00 00 02 00  1b 00 00 00  11*512")
	answered := 0
	read := func(reads []transport.Read) {
		b := newBatch(reads, o.MRRS)
		s.Submit(b)
		for ; answered < w.n; answered++ {
			binary.BigEndian.PutUint16(datagram, uint16(answered))
			datagram[16] = w.tags[answered%len(w.tags)]
			s.Receive(datagram[16], datagram, len(datagram))
		}
		<-b.done
	}
	few := []transport.Read{{Data: make([]byte, 512)}}
	many := []transport.Read{{Data: make([]byte, 1<<20)}}
	one := testing.AllocsPerRun(100, func() { read(few) })
	all := testing.AllocsPerRun(10, func() { read(many) })
	if one != all {
		t.Errorf("%v allocations for 1 request, %v for 2048", one, all)
	}
	if got := s.Stats(); many[0].Outcome != transport.Success || got.Retries != 0 {
		t.Errorf("%s, counters %+v", many[0].Outcome, got)
	}
}
