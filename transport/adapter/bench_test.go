package adapter

import (
	"fmt"
	"testing"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/tlp"
)

// BenchmarkThroughput reads 512 bytes at a time, with one read in flight on
// each tag, by a client that does nothing with them. One operation is one
// read.
func BenchmarkThroughput(b *testing.B) {
	for _, mps := range []int{64, 256} {
		for _, tags := range []int{1, 32} {
			b.Run(fmt.Sprintf("tags=%d/mps=%d", tags, mps), func(b *testing.B) { benchmarkTags(b, tags, mps) })
		}
	}
}

func benchmarkTags(b *testing.B, tags, mps int) {
	const length = 512
	r := serve(b, wide, Options{Tags: tags, MPS: mps})
	requests := make([][]byte, tags)
	for tag := range requests {
		read := tlp.MemoryRead{Requester: 0x1b00, Tag: uint8(tag), Address: transport.Address(tag) * 4096, Length: length}
		request, err := read.AppendBinary(tlp.Header{}.Append(nil))
		if err != nil {
			b.Fatal(err)
		}
		requests[tag] = request
	}
	reply := make([]byte, tlp.HeaderSize+tlp.CompletionHeaderSize+mps)
	b.SetBytes(length)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		tag := n % tags
		if n < tags {
			r.send(tlp.Port(uint8(tag)), requests[tag])
			continue
		}
		for range length / mps {
			if _, err := r.ports[tlp.Port(uint8(tag))].Read(reply); err != nil {
				b.Fatal(err)
			}
		}
		r.send(tlp.Port(uint8(tag)), requests[tag])
	}
}

// BenchmarkCard is the same without sockets, one read a round.
func BenchmarkCard(b *testing.B) {
	c := newBench(b, wide, Options{})
	request := fromHex(b, "000000000000 00000080 1b0000ff 00001000")
	b.SetBytes(512)
	b.ReportAllocs()
	for b.Loop() {
		c.out.reset()
		c.receive(0, request)
		if err := c.answer(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
