package nettlp

import (
	"encoding/binary"
	"testing"
)

func TestDatagramSize(t *testing.T) {
	// struct cmsghdr of x86-64: length (8 bytes), level, type; then data.
	message := func(level, kind, value uint32) []byte {
		b := binary.NativeEndian.AppendUint64(nil, 20)
		for _, v := range []uint32{level, kind, value, 0} {
			b = binary.NativeEndian.AppendUint32(b, v)
		}
		return b
	}
	for _, tt := range []struct {
		name    string
		control []byte
		want    int
	}{
		{"no control message", nil, 500},
		{"UDP_GRO of 82 bytes", message(17, 104, 82), 82},
		{"behind another message", append(message(1, 29, 7), message(17, 104, 82)...), 82},
		{"another message only", message(1, 29, 7), 500},
		{"cut short", message(17, 104, 82)[:10], 500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := datagramSize(tt.control, 500); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}
