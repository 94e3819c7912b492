package nettlp

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/transport"
)

func TestLinesOf(t *testing.T) {
	for _, tt := range []struct {
		name           string
		address        transport.Address
		offset, length int
		want           lines
	}{
		{"one byte", 0x1000, 0, 1, 0b1},
		{"one line", 0x1040, 0, 64, 0b1},
		{"a byte more", 0x1040, 0, 65, 0b11},
		{"unaligned start", 0x103f, 0, 2, 0b11},
		{"second line of an unaligned read", 0x103c, 4, 64, 0b10},
		{"whole page", 0x1000, 0, 4096, ^lines(0)},
		{"last line of a page", 0x1000, 4032, 64, 1 << 63},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := linesOf(tt.address, tt.offset, tt.length); got != tt.want {
				t.Errorf("linesOf(%s, %d, %d) = %b, want %b", tt.address, tt.offset, tt.length, got, tt.want)
			}
		})
	}
}

func TestAtBoundaries(t *testing.T) {
	for _, tt := range []struct {
		name                  string
		address               transport.Address
		offset, length, total int
		want                  bool
	}{
		{"all of it", 0x1003, 0, 7, 7, true},
		{"to the next line", 0x1030, 0, 16, 100, true},
		{"to the middle of a line", 0x1030, 0, 20, 100, false},
		{"from the middle of a line", 0x1000, 4, 60, 100, false},
		{"tail", 0x1000, 64, 36, 100, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := atBoundaries(tt.address, tt.offset, tt.length, tt.total); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestFirstRunCoversExactlyTheSet(t *testing.T) {
	type run struct{ Offset, Length int }
	for _, tt := range []struct {
		name    string
		address transport.Address
		total   int
		set     lines
		want    []run
	}{
		{"all of a page", 0x1000, 4096, ^lines(0), []run{{0, 4096}}},
		{"head and tail of an unaligned read", 0x1030, 150, 0b1001, []run{{0, 16}, {144, 6}}},
		{"every other line", 0x2000, 256, 0b1010, []run{{64, 64}, {192, 64}}},
		{"neighbours in one run", 0x2010, 256, 0b0110, []run{{48, 128}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []run
			for rest := tt.set; rest != 0; {
				var r run
				r.Offset, r.Length, rest = rest.firstRun(tt.address, tt.total)
				got = append(got, r)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("runs (-want +got):\n%s", diff)
			}
		})
	}
}
