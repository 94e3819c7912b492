package module

import (
	"encoding/binary"
	"testing"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/walkers"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

// FuzzWalk overwrites memory of a kernel: each three bytes of the input choose
// a word of eight bytes, counted from where structures begin, and where in the
// same memory it then points. A walk may doubt everything, but must end, with
// rows that the table allows.
func FuzzWalk(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 8, 0, 1, 0, 255, 2, 2, 3})
	f.Fuzz(func(t *testing.T, input []byte) {
		w := newWorld(t, generation(len(input)%4))
		w.populate(some()...)
		start := w.head &^ 0xfff // all structures lie behind, in a page
		for ; len(input) >= 3; input = input[3:] {
			at := start + 8*oracle.Address(binary.LittleEndian.Uint16(input)%512)
			w.Words(at, start+16*oracle.Address(input[2]))
		}
		emit := func(r walkers.Row) error { return wt.Check(&table, r) }
		if err := (Walker{}).Walk(t.Context(), w, walkers.Query{}, emit); err != nil && len(err.Error()) == 0 {
			t.Error("an error that says nothing")
		}
	})
}
