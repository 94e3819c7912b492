package tlp_test

import (
	"errors"
	"testing"

	"github.com/barescope/barescope/transport/tlp"
)

func TestPlace(t *testing.T) {
	read := tlp.MemoryRead{Requester: 0x1b00, Tag: 5, Address: 0x103d, Length: 19}
	for _, test := range []struct {
		name       string
		completion tlp.Completion
		offset     int
		mismatch   bool
	}{
		{name: "first piece", completion: tlp.Completion{Requester: 0x1b00, Tag: 5, ByteCount: 19, LowerAddress: 0x3d}},
		{name: "second piece", completion: tlp.Completion{Requester: 0x1b00, Tag: 5, ByteCount: 16, LowerAddress: 0x40}, offset: 3},
		{name: "an error names no address", completion: tlp.Completion{Requester: 0x1b00, Tag: 5, ByteCount: 16, Status: tlp.UR}, offset: 3},
		{name: "another tag", completion: tlp.Completion{Requester: 0x1b00, Tag: 6, ByteCount: 19, LowerAddress: 0x3d}, mismatch: true},
		{name: "another requester", completion: tlp.Completion{Requester: 0x1b01, Tag: 5, ByteCount: 19, LowerAddress: 0x3d}, mismatch: true},
		{name: "more than was asked for", completion: tlp.Completion{Requester: 0x1b00, Tag: 5, ByteCount: 20, LowerAddress: 0x3d}, mismatch: true},
		{name: "another address", completion: tlp.Completion{Requester: 0x1b00, Tag: 5, ByteCount: 16, LowerAddress: 0x44}, mismatch: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			offset, err := read.Place(test.completion)
			if errors.Is(err, tlp.ErrMismatch) != test.mismatch || (err != nil) != test.mismatch {
				t.Fatalf("error %v, want mismatch %v", err, test.mismatch)
			}
			if offset != test.offset {
				t.Errorf("offset %d, want %d", offset, test.offset)
			}
		})
	}
}
