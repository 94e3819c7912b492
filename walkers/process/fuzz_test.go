package process

import (
	"encoding/binary"
	"testing"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/walkers"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

// FuzzWalk overwrites memory of a kernel: each three bytes of the input choose
// a word of eight bytes, counted from where structures begin, and where in the
// same memory it then points, or what else it holds. A walk may doubt
// everything, but must end, with rows that the table allows.
func FuzzWalk(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 8, 0, 1, 0, 255, 2, 2, 3})
	f.Fuzz(func(t *testing.T, input []byte) {
		w := newWorld(t, len(input)%2 == 1)
		w.populate(few()...)
		start := w.array &^ 0xfff // all structures lie behind, in eight pages
		for ; len(input) >= 3; input = input[3:] {
			at := start + 8*oracle.Address(binary.LittleEndian.Uint16(input)%4096)
			to := start + 128*oracle.Address(input[2])
			if input[2] >= 240 {
				to = oracle.Address(input[2]) << (input[2] % 64)
			}
			w.Words(at, to)
		}
		emit := func(r walkers.Row) error { return wt.Check(&table, r) }
		if err := (Walker{}).Walk(t.Context(), w, withThreads, emit); err != nil && len(err.Error()) == 0 {
			t.Error("an error that says nothing")
		}
	})
}
