package tlp_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/transport/tlp"
)

func TestHeader(t *testing.T) {
	datagram := fromHex(t, `
		fe dc        -- sequence
		12 34 56 78  -- timestamp
		0a`)
	header, packet, err := tlp.DecodeHeader(datagram)
	if err != nil {
		t.Fatal(err)
	}
	if want := (tlp.Header{Sequence: 0xfedc, Timestamp: 0x12345678}); header != want {
		t.Errorf("header %+v, want %+v", header, want)
	}
	if !cmp.Equal(packet, []byte{0x0a}) {
		t.Errorf("packet % x, want 0a", packet)
	}
	if got := header.Append(nil); !cmp.Equal(got, datagram[:6]) {
		t.Errorf("encoded % x, want % x", got, datagram[:6])
	}
	if _, _, err := tlp.DecodeHeader(datagram[:5]); !errors.Is(err, tlp.ErrShort) {
		t.Errorf("five bytes: %v, want ErrShort", err)
	}
}

func TestTicks(t *testing.T) {
	for d, want := range map[time.Duration]uint32{
		0:                             0,
		64 * time.Nanosecond:          10,
		time.Second:                   156_250_000,
		27_487_790_694:                0xffffffff, // 2^32 ticks are 27.4877906944 s
		27_487_790_695:                0,
		10 * 365 * 24 * 3600 * 1e9:    uint32(10 * 365 * 24 * 3600 * 156_250_000 % (1 << 32)),
		27_487_790_695 + time.Second:  156_250_000,
		time.Second + time.Nanosecond: 156_250_000,
	} {
		if got := tlp.Ticks(d); got != want {
			t.Errorf("Ticks(%v) = %d, want %d", d, got, want)
		}
	}
}

func FuzzDecodeHeader(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7})
	f.Fuzz(func(t *testing.T, datagram []byte) {
		header, packet, err := tlp.DecodeHeader(datagram)
		if err != nil {
			if header != (tlp.Header{}) || packet != nil {
				t.Fatalf("%+v, % x besides %v", header, packet, err)
			}
			return
		}
		if again := append(header.Append(nil), packet...); !cmp.Equal(again, datagram) {
			t.Fatalf("% x became % x", datagram, again)
		}
	})
}
