package dump

import (
	"path/filepath"
	"testing"

	"github.com/barescope/barescope/transport"
)

// allocations returns how many allocations a dump of so many bytes takes.
func allocations(t *testing.T, size uint64) float64 {
	t.Helper()
	o := what(LiME, &machine{sound: true})
	o.Ranges = []transport.Range{{Start: 1 << 20, Length: size}}
	dir := t.TempDir()
	run := 0
	return testing.AllocsPerRun(1, func() {
		run++
		name := filepath.Join(dir, string(rune('a'+run)))
		if _, err := Write(t.Context(), name, o); err != nil {
			t.Fatal(err)
		}
	})
}

// TestFlat expects as many allocations for 512 chunks as for 16. A few come from
// the runtime, when goroutines wait for each other.
func TestFlat(t *testing.T) {
	const chunks = 512 - 16
	few, many := allocations(t, 1<<20), allocations(t, 32<<20)
	if many > few+chunks/8 {
		t.Errorf("%v allocations for a dump of 1 MiB, %v for one of 32 MiB", few, many)
	}
}
