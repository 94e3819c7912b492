package kallsyms

import (
	"errors"
	"testing"
)

// decoys returns data with numbers of symbols and runs of markers everywhere,
// in front of a token table.
func decoys(size int) []byte {
	b := &builder{}
	for len(b.data) < size {
		for _, word := range []uint32{0, 130000, 260000, 390000, 520000, 1000} {
			b.u32(word)
		}
	}
	b.chooseTokens()
	b.tokenTable()
	return b.data
}

func TestFindNamesAmongDecoys(t *testing.T) {
	d := data(decoys(6000))
	if n, err := findNames(d, findTokens(d)[0]); !errors.Is(err, ErrNotFound) {
		t.Errorf("names %v, error %v, want %v", n, err, ErrNotFound)
	}
}

// The search goes over its number of steps by one walk of the names at most.
func TestNamesStopsInTime(t *testing.T) {
	d := data(decoys(1 << 20))
	m := markers{d: d, start: (1 << 20) / 24 * 24, width: 4}
	if m.measure(); m.count < minMarkers {
		t.Fatalf("%d markers, want %d", m.count, minMarkers)
	}
	const budget = 1000
	steps := budget
	if n, ok := m.names(&steps); ok {
		t.Fatalf("found names %v", n)
	}
	if steps > 0 || steps < -maxSymbols {
		t.Errorf("%d steps of %d are left", steps, budget)
	}
}
