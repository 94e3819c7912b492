package nettlp

import "testing"

func TestSequence(t *testing.T) {
	for _, tt := range []struct {
		name         string
		numbers      []uint16
		wantRepeated int
		wantMissing  uint64
	}{
		{"in order", []uint16{7, 8, 9}, 0, 0},
		{"wraps", []uint16{0xfffe, 0xffff, 0, 1}, 0, 0},
		{"a gap", []uint16{1, 2, 6}, 0, 3},
		{"a gap that closes", []uint16{1, 4, 3, 2}, 0, 0},
		{"repeated", []uint16{1, 2, 2, 1, 3}, 2, 0},
		{"repeated behind a gap", []uint16{1, 5, 5}, 1, 3},
		{"older than the first", []uint16{5, 4}, 0, 0},
		{"far ahead", []uint16{0, 20000}, 0, 19999},
		{"too old to remember", []uint16{0, 20000, 100, 100}, 0, 19999},
		{"numbers used again after a wrap", []uint16{0, 30000, 60000, 0, 1}, 0, 65533},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var s sequence
			var repeated int
			for _, n := range tt.numbers {
				if s.observe(n) {
					repeated++
				}
			}
			if repeated != tt.wantRepeated || s.missing != tt.wantMissing {
				t.Errorf("%d repeated, %d missing, want %d and %d", repeated, s.missing, tt.wantRepeated, tt.wantMissing)
			}
		})
	}
}

func TestPrecedes(t *testing.T) {
	for _, tt := range []struct {
		n, newest uint16
		want      bool
	}{
		{5, 5, true}, {4, 5, true}, {6, 5, false},
		{0xffff, 2, true}, {2, 0xffff, false},
	} {
		if got := precedes(tt.n, tt.newest); got != tt.want {
			t.Errorf("precedes(%#x, %#x) = %v, want %v", tt.n, tt.newest, got, tt.want)
		}
	}
}
