//go:build bench

package bench

import (
	"fmt"
	"testing"

	"github.com/barescope/barescope/transport"
)

// BenchmarkLoopbackProcesses lists processes, again and again.
func BenchmarkLoopbackProcesses(b *testing.B) {
	for _, m := range tasks {
		b.Run(fmt.Sprint(m.Spawn), func(b *testing.B) {
			s := snapshot(b, m)
			onLoopback(b, s, serveOptions{}, func() {
				x := mustOpen(b, mustDial(b, 0))
				defer x.Close()
				b.ReportAllocs()
				for b.Loop() {
					mustList(b, x, s)
				}
			})
		})
	}
}

// BenchmarkLoopbackColdStart opens a kernel.
func BenchmarkLoopbackColdStart(b *testing.B) {
	onLoopback(b, snapshot(b, small), serveOptions{}, func() {
		b.ReportAllocs()
		for b.Loop() {
			if err := mustOpen(b, mustDial(b, 0)).Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkLoopbackBulk reads a megabyte.
func BenchmarkLoopbackBulk(b *testing.B) {
	for _, singly := range []bool{true, false} {
		b.Run(fmt.Sprintf("singly=%v", singly), func(b *testing.B) {
			onLoopback(b, snapshot(b, small), serveOptions{Singly: singly}, func() {
				c := mustDial(b, 0)
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
		})
	}
}
