package nettlp

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/barescope/barescope/transport"
)

// drain takes all parts of a batch that were never asked for.
func drain(b *batch) []part {
	var parts []part
	for {
		p, ok := b.peek()
		if !ok {
			return parts
		}
		b.take(p)
		parts = append(parts, p)
	}
}

func TestBatchIsCutAtMRRSAndPages(t *testing.T) {
	reads := []transport.Read{
		{Address: 0x1ffe, Data: make([]byte, 4)},
		{Address: 0x3000, Data: nil},
		{Address: 0x4100, Data: make([]byte, 1024)},
		{Address: 0x5020, Data: make([]byte, 600)},
	}
	want := []part{
		{read: 0, offset: 0, length: 2},
		{read: 0, offset: 2, length: 2},
		{read: 2, offset: 0, length: 512},
		{read: 2, offset: 512, length: 512},
		{read: 3, offset: 0, length: 480},
		{read: 3, offset: 480, length: 120},
	}
	got := drain(newBatch(reads, 512))
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(part{})); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	if reads[1].Outcome != transport.Success {
		t.Errorf("empty read: %s, want success", reads[1].Outcome)
	}
}

func TestBatchRefusesToWrapAround(t *testing.T) {
	reads := []transport.Read{
		{Address: ^transport.Address(0), Data: make([]byte, 1)},
		{Address: ^transport.Address(0), Data: make([]byte, 2)},
	}
	got := drain(newBatch(reads, 512))
	if len(got) != 1 || got[0].read != 0 || reads[1].Outcome != transport.Forbidden {
		t.Errorf("parts %+v, second outcome %s; want the first read only, second forbidden", got, reads[1].Outcome)
	}
}

func TestBatchLeavesOutWhatFailed(t *testing.T) {
	b := newBatch([]transport.Read{{Data: make([]byte, 4096)}, {Address: 0x1000, Data: make([]byte, 8)}}, 512)
	p, _ := b.peek()
	b.take(p)
	b.fail(0, transport.UnsupportedRequest)
	b.fail(0, transport.Timeout)
	b.again = append(b.again, part{read: 0, length: 64, attempt: 1})
	got := drain(b)
	if len(got) != 1 || got[0].read != 1 {
		t.Errorf("parts %+v, want those of the second read only", got)
	}
	if b.reads[0].Outcome != transport.UnsupportedRequest {
		t.Errorf("outcome %s, want the first reason", b.reads[0].Outcome)
	}
}

func TestPartsCoverEveryReadOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mrrs := rapid.SampledFrom([]int{128, 256, 512, 1024, 2048, 4096}).Draw(t, "mrrs")
		reads := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) transport.Read {
			return transport.Read{
				Address: transport.Address(rapid.Uint64Range(0, 1<<52).Draw(t, "address")),
				Data:    make([]byte, rapid.IntRange(0, 20000).Draw(t, "length")),
			}
		}), 1, 8).Draw(t, "reads")
		b := newBatch(reads, mrrs)
		next := make([]int, len(reads))
		for _, p := range drain(b) {
			address := uint64(reads[p.read].Address) + uint64(p.offset)
			if p.offset != next[p.read] || p.length < 1 || p.length > mrrs {
				t.Fatalf("part %+v, expected offset %d", p, next[p.read])
			}
			if address/transport.PageSize != (address+uint64(p.length)-1)/transport.PageSize {
				t.Fatalf("part %+v of %s crosses a page", p, reads[p.read].Range())
			}
			next[p.read] += p.length
		}
		for i := range reads {
			if next[i] != len(reads[i].Data) {
				t.Fatalf("%d bytes of read %d, want %d", next[i], i, len(reads[i].Data))
			}
		}
	})
}
