package qemu

import (
	"testing"

	"github.com/barescope/barescope/transport/image"
	"github.com/google/go-cmp/cmp"
)

func TestLayout(t *testing.T) {
	const gib = 1 << 30
	for memory, want := range map[int][]image.Piece{
		1024: {{Length: gib}},
		2560: {{Length: 2560 * mebibyte}},
		2816: {{Length: 2 * gib}, {Physical: 4 * gib, Offset: 2 * gib, Length: 768 * mebibyte}},
		5120: {{Length: 2 * gib}, {Physical: 4 * gib, Offset: 2 * gib, Length: 3 * gib}},
	} {
		if diff := cmp.Diff(want, layout(memory)); diff != "" {
			t.Errorf("%d MiB: %s", memory, diff)
		}
	}
}
