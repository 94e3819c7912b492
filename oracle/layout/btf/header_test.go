package btf

import (
	"errors"
	"testing"

	"github.com/barescope/barescope/oracle/layout"
)

func TestSize(t *testing.T) {
	valid := "\x9f\xeb\x01\x00\x18\x00\x00\x00\x00\x00\x00\x00\x10\x00\x00\x00\x10\x00\x00\x00\x05\x00\x00\x00"
	tests := []struct {
		name   string
		header string
		want   uint64 // 0 for an error
	}{
		{"types before strings", valid, 24 + 16 + 5},
		{"strings before types", valid[:8] + "\x05\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00", 24 + 5 + 16},
		{"longer header", valid[:4] + "\x20" + valid[5:], 32 + 16 + 5},
		{"cut off", valid[:23], 0},
		{"big-endian", "\xeb\x9f" + valid[2:], 0},
		{"other version", valid[:2] + "\x02" + valid[3:], 0},
		{"short header", valid[:4] + "\x17" + valid[5:], 0},
		{"vast types", valid[:12] + "\xff\xff\xff\xff" + valid[16:], 0},
		{"vast strings", valid[:20] + "\xff\xff\xff\xff", 0},
		{"vast offset", valid[:8] + "\xff\xff\xff\xff" + valid[12:], 0},
	}
	for _, test := range tests {
		got, err := Size([]byte(test.header))
		if got != test.want || (err != nil) != (test.want == 0) {
			t.Errorf("%s: got %d, %v; want %d", test.name, got, err, test.want)
		}
		if err != nil && !errors.Is(err, layout.ErrMalformed) {
			t.Errorf("%s: error %v is of the wrong kind", test.name, err)
		}
	}
}
