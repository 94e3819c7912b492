//go:build live

package lab

import (
	"testing"
)

func TestRun(t *testing.T) {
	g := up(t, Options{Kernel: "linux-image-6.1.0-*-amd64"})
	output, err := g.Run(t.Context(), `printf 'a\000b\nc\377'`)
	if err != nil || output != "a\x00b\nc\xff" {
		t.Errorf("output %q, %v", output, err)
	}
}
