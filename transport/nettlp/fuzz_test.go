package nettlp

import (
	"encoding/binary"
	"net"
	"testing"
	"time"

	"github.com/barescope/barescope/transport"
)

// FuzzReceive feeds a client with arbitrary datagrams, each preceded by its
// length in two bytes and the port it comes to in one. A read must not
// succeed unless datagrams that may be completions cover all of it.
func FuzzReceive(f *testing.F) {
	for _, group := range [][]conversation{plainConversations, splitConversations, errorConversations, wrongConversations} {
		for _, c := range group {
			f.Add(fuzzInput(f, c))
		}
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		o := Options{Target: transportTarget, Requester: 0x1b00, Tags: 2, Timeout: time.Hour}
		if err := o.complete(); err != nil {
			t.Fatal(err)
		}
		s := newScheduler(&deaf{}, o)
		defer s.Close(net.ErrClosed)
		b := newBatch([]transport.Read{{Address: 0x1000, Data: make([]byte, 200)}}, o.MRRS)
		s.Submit(b)
		var covered [200]bool
		for len(input) >= 3 {
			size, tag := int(binary.BigEndian.Uint16(input)), input[2]%2
			datagram := input[3:min(3+size, len(input))]
			input = input[3+len(datagram):]
			cover(&covered, datagram)
			s.Receive(tag, datagram, len(datagram))
		}
		for i := range covered {
			if b.reads[0].Outcome == transport.Success && !covered[i] {
				t.Fatalf("the read succeeded without its byte %d", i)
			}
		}
		if stats := s.Stats(); s.inFlight < 0 || s.bytesInFlight < 0 || stats.Window < o.MRRS {
			t.Fatalf("%d requests of %d bytes in flight, counters %+v", s.inFlight, s.bytesInFlight, stats)
		}
	})
}

// cover marks the bytes of a read of 200 that a completion's fields claim.
func cover(covered *[200]bool, datagram []byte) {
	if len(datagram) < 22 || datagram[6] != 0x4a {
		return
	}
	start := len(covered) - int(binary.BigEndian.Uint16(datagram[12:])&0xfff)
	end := start + len(datagram) - 18 - int(datagram[17]%4)
	for i := max(start, 0); i < min(end, len(covered)); i++ {
		covered[i] = true
	}
}

func fuzzInput(f *testing.F, c conversation) []byte {
	var input []byte
	for _, s := range c.steps {
		for _, r := range s.replies {
			datagram := fromHex(f, r.text)
			input = binary.BigEndian.AppendUint16(input, uint16(len(datagram)))
			input = append(append(input, byte(r.tag)), datagram...)
		}
	}
	return input
}
