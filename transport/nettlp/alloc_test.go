package nettlp

import (
	"encoding/binary"
	"net"
	"testing"
	"testing/synctest"

	"github.com/barescope/barescope/transport"
)

// backlog is a wire that notes the tags that are asked with.
type backlog struct {
	tags [256]uint8
	n    int
}

func (b *backlog) Send(tag uint8, _ []byte) error {
	b.tags[b.n%len(b.tags)] = tag
	b.n++
	return nil
}

// TestAllocationsDoNotGrowWithRequests reads one line and many in a batch, at
// an instant of virtual time: nothing has to be asked for again.
func TestAllocationsDoNotGrowWithRequests(t *testing.T) {
	// Sequence number in bytes 0 and 1, tag in byte 16.
	datagram := fromHex(t, "0000 00000000  4a 00 00 80  00 00 02 00  1b 00 00 00  11*512")
	synctest.Test(t, func(t *testing.T) {
		o := Options{Target: transportTarget, Requester: 0x1b00}
		if err := o.complete(); err != nil {
			t.Fatal(err)
		}
		w := &backlog{}
		s := newScheduler(w, o)
		defer s.Close(net.ErrClosed)
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
		if one != all || many[0].Outcome != transport.Success {
			t.Errorf("%v allocations for 1 request, %v for 2048, %s", one, all, many[0].Outcome)
		}
	})
}
