//go:build bench

package bench

import (
	"fmt"
	"testing"

	"github.com/barescope/barescope/transport"
)

const lo = network(1)

// BenchmarkLoopbackProcesses lists processes, again and again.
func BenchmarkLoopbackProcesses(b *testing.B) {
	for _, m := range tasks {
		b.Run(fmt.Sprint(m.Spawn), func(b *testing.B) {
			s := snapshot(b, m)
			defer lo.serve(b, s, serveOptions{})()
			x := mustOpen(b, lo.dial(b, 0))
			defer x.Close()
			b.ReportAllocs()
			for b.Loop() {
				mustList(b, x, s)
			}
		})
	}
}

// BenchmarkLoopbackColdStart opens a kernel.
func BenchmarkLoopbackColdStart(b *testing.B) {
	defer lo.serve(b, snapshot(b, small), serveOptions{})()
	b.ReportAllocs()
	for b.Loop() {
		if err := mustOpen(b, lo.dial(b, 0)).Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoopbackBulk reads a megabyte.
func BenchmarkLoopbackBulk(b *testing.B) {
	for _, singly := range []bool{true, false} {
		b.Run(fmt.Sprintf("singly=%v", singly), func(b *testing.B) {
			defer lo.serve(b, snapshot(b, small), serveOptions{Singly: singly})()
			c := lo.dial(b, 0)
			defer c.Close()
			reads := []transport.Read{{Address: bulkStart, Data: make([]byte, batchSize)}}
			b.SetBytes(batchSize)
			b.ReportAllocs()
			for b.Loop() {
				if err := c.ReadPhysical(b.Context(), reads); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
