package nettlp_test

import (
	"testing"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/adapter"
	"github.com/barescope/barescope/transport/nettlp"
)

// BenchmarkBatch reads batches of 1 MiB through the software adapter.
func BenchmarkBatch(b *testing.B) {
	for _, bb := range []struct {
		name string
		mrrs int
		loss float64
	}{
		{"MRRS=512", 512, 0},
		{"MRRS=4096", 4096, 0},
		{"MRRS=512/loss=2%", 512, 0.02},
		{"MRRS=4096/loss=2%", 4096, 0.02},
	} {
		b.Run(bb.name, func(b *testing.B) {
			c := connect(b, adapter.Options{MRRS: bb.mrrs, Loss: bb.loss, Duplicate: bb.loss, Reorder: bb.loss},
				nettlp.Options{MRRS: bb.mrrs})
			reads := make([]transport.Read, 256)
			for i := range reads {
				reads[i] = transport.Read{Address: transport.Address(i * 4096), Data: make([]byte, 4096)}
			}
			b.SetBytes(1 << 20)
			b.ReportAllocs()
			for b.Loop() {
				mustRead(b, c, reads)
			}
			stats := c.Stats()
			b.ReportMetric(float64(stats.Retries)/float64(b.N), "retries/op")
			b.ReportMetric(float64(stats.Window), "window")
		})
	}
}

// BenchmarkSingle is the latency of one read at a time.
func BenchmarkSingle(b *testing.B) {
	for _, bb := range []struct {
		name string
		loss float64
	}{
		{"good", 0},
		{"loss=2%", 0.02},
	} {
		b.Run(bb.name, func(b *testing.B) {
			c := connect(b, adapter.Options{Loss: bb.loss, Duplicate: bb.loss, Reorder: bb.loss}, nettlp.Options{})
			reads := []transport.Read{{Address: 0x1000, Data: make([]byte, 256)}}
			b.ReportAllocs()
			for b.Loop() {
				mustRead(b, c, reads)
			}
		})
	}
}

func mustRead(tb testing.TB, c *nettlp.Client, reads []transport.Read) {
	if err := c.ReadPhysical(tb.Context(), reads); err != nil {
		tb.Fatalf("ReadPhysical: %v", err)
	}
	for i := range reads {
		if reads[i].Outcome != transport.Success {
			tb.Fatalf("%s: %s", reads[i].Range(), reads[i].Outcome)
		}
	}
}
