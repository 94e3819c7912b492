package tlp_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/tlp"
)

func TestPiece(t *testing.T) {
	type piece struct{ bytes, byteCount, lowerAddress int }
	for _, test := range []struct {
		name     string
		address  transport.Address
		length   int
		rcb, mps int
		want     []piece
	}{
		{"a line at a time", 0x1000, 130, 64, 64, []piece{{64, 130, 0}, {64, 66, 0x40}, {2, 2, 0}}},
		{"up to the boundary first", 0x103d, 19, 64, 256, []piece{{3, 19, 0x3d}, {16, 16, 0x40}}},
		{"as much as fits from then on", 0x1030, 512, 64, 256, []piece{{16, 512, 0x30}, {256, 496, 0x40}, {240, 240, 0x40}}},
		{"boundary of 128", 0x1040, 256, 128, 128, []piece{{64, 256, 0x40}, {128, 192, 0}, {64, 64, 0}}},
		{"in one", 0x1fff, 1, 64, 256, []piece{{1, 1, 0x7f}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := tlp.MemoryRead{Requester: 0x1b00, Tag: 7, Address: test.address, Length: test.length}
			var got []piece
			for rest := make([]byte, r.Length); len(rest) > 0; {
				c := r.Piece(rest, test.rcb, test.mps)
				offset, err := r.Place(c)
				if err != nil || offset != r.Length-len(rest) {
					t.Fatalf("piece %+v goes to %d, %v", c, offset, err)
				}
				got = append(got, piece{len(c.Data), c.ByteCount, int(c.LowerAddress)})
				rest = rest[len(c.Data):]
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(piece{})); diff != "" {
				t.Errorf("pieces (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFailure(t *testing.T) {
	r := tlp.MemoryRead{Requester: 0x1b00, Tag: 7, Address: 0x1_0000_10c3, Length: 100}
	want := tlp.Completion{Requester: 0x1b00, Tag: 7, Status: tlp.CA, ByteCount: 100, LowerAddress: 0x43}
	if diff := cmp.Diff(want, r.Failure(tlp.CA)); diff != "" {
		t.Errorf("completion (-want +got):\n%s", diff)
	}
}
