package tlp_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/tlp"
)

// readVectors are memory read requests written by hand from figures 2-4 to
// 2-18 of the PCI Express Base Specification 3.0. The requester is 1b:00.0,
// that is bus 0x1b in the upper byte, device 0 and function 0 in the lower.
var readVectors = []struct {
	name   string
	packet string
	read   tlp.MemoryRead
}{
	{
		name: "one dword",
		packet: `
			00 00 00 01  -- fmt 000 (3DW, no data), type 00000; TC, attributes 0; length 1
			1b 00 05 0f  -- requester 1b:00.0; tag 5; last BE 0 as it is one dword, first BE 1111
			00 00 10 00  -- address 0x1000`,
		read: tlp.MemoryRead{Requester: 0x1b00, Tag: 5, Address: 0x1000, Length: 4},
	}, {
		name: "one byte, the last of its dword",
		packet: `
			00 00 00 01
			1b 00 05 08  -- first BE 1000: byte 3 only
			00 00 10 00`,
		read: tlp.MemoryRead{Requester: 0x1b00, Tag: 5, Address: 0x1003, Length: 1},
	}, {
		name: "two bytes in the middle of a dword",
		packet: `
			00 00 00 01
			1b 00 05 06  -- first BE 0110: bytes 1 and 2
			00 00 10 00`,
		read: tlp.MemoryRead{Requester: 0x1b00, Tag: 5, Address: 0x1001, Length: 2},
	}, {
		name: "two bytes over a dword boundary",
		packet: `
			00 00 00 02  -- length 2
			1b 00 05 18  -- last BE 0001: byte 0; first BE 1000: byte 3
			00 00 10 00`,
		read: tlp.MemoryRead{Requester: 0x1b00, Tag: 5, Address: 0x1003, Length: 2},
	}, {
		name: "sixteen bytes from an odd address",
		packet: `
			00 00 00 05  -- length 5: 0x1000 to 0x1013
			ff ff ff 1e  -- requester ff:1f.7, tag 255; last BE 0001, first BE 1110
			00 00 10 00`,
		read: tlp.MemoryRead{Requester: 0xffff, Tag: 255, Address: 0x1001, Length: 16},
	}, {
		name: "a whole page",
		packet: `
			00 00 00 00  -- length 0 encodes 1024 dwords
			1b 00 00 ff  -- all bytes of both ends
			00 00 20 00`,
		read: tlp.MemoryRead{Requester: 0x1b00, Tag: 0, Address: 0x2000, Length: 4096},
	}, {
		name: "2048 bytes",
		packet: `
			00 00 02 00  -- length 512: bit 9 is bit 1 of byte 2
			1b 00 00 ff
			00 00 20 00`,
		read: tlp.MemoryRead{Requester: 0x1b00, Tag: 0, Address: 0x2000, Length: 2048},
	}, {
		name: "the last dword below 4 GiB",
		packet: `
			00 00 00 01
			1b 00 00 0f
			ff ff ff fc`,
		read: tlp.MemoryRead{Requester: 0x1b00, Tag: 0, Address: 0xfffffffc, Length: 4},
	}, {
		name: "the first dword at 4 GiB",
		packet: `
			20 00 00 01  -- fmt 001 (4DW, no data)
			1b 00 00 0f
			00 00 00 01  -- address bits 63:32
			00 00 00 00  -- address bits 31:2`,
		read: tlp.MemoryRead{Requester: 0x1b00, Tag: 0, Address: 0x1_0000_0000, Length: 4},
	}, {
		name: "512 bytes from an odd address, 52 bits wide",
		packet: `
			20 00 00 81              -- length 129
			1b 00 1f 3c              -- last BE 0011, first BE 1100
			00 0f ed cb a9 87 64 00  -- address 0xfedcba9876400`,
		read: tlp.MemoryRead{Requester: 0x1b00, Tag: 31, Address: 0xf_edcb_a987_6402, Length: 512},
	},
}

func TestMemoryReadVectors(t *testing.T) {
	for _, test := range readVectors {
		t.Run(test.name, func(t *testing.T) {
			want := fromHex(t, test.packet)
			got, err := test.read.AppendBinary(nil)
			if err != nil {
				t.Fatalf("encode: %v", err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("encoded (-want +got):\n%s", diff)
			}
			read, err := tlp.DecodeMemoryRead(want)
			if err != nil {
				t.Fatalf("decode: %v", err)
			}
			if diff := cmp.Diff(test.read, read); diff != "" {
				t.Errorf("decoded (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeMemoryReadTolerates(t *testing.T) {
	want := tlp.MemoryRead{Requester: 0x1b00, Tag: 5, Address: 0x1000, Length: 4}
	for name, packet := range map[string]string{
		"Ethernet padding":   "00000001 1b00050f 00001000 0000000000000000 0000000000000000",
		"a processing hint":  "00010001 1b00050f 00001003", // TH set, PH in address bits 1:0
		"traffic class 7":    "00700001 1b00050f 00001000",
		"no snoop, ordering": "00003001 1b00050f 00001000",
		"a digest":           "00008001 1b00050f 00001000 deadbeef",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := tlp.DecodeMemoryRead(fromHex(t, packet))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeMemoryReadRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		packet string
		want   error
	}{
		"nothing":                        {"", tlp.ErrShort},
		"a 3DW header of 11 bytes":       {"00000001 1b00050f 000010", tlp.ErrShort},
		"a 4DW header of 12 bytes":       {"20000001 1b00050f 00000001", tlp.ErrShort},
		"4DW below 4 GiB":                {"20000001 1b00050f 00000000 fffffffc", tlp.ErrMalformed},
		"no byte at all":                 {"00000001 1b000500 00001000", tlp.ErrMalformed},
		"one dword with last enables":    {"00000001 1b0005ff 00001000", tlp.ErrMalformed},
		"one dword, bytes 0 and 2":       {"00000001 1b000505 00001000", tlp.ErrMalformed},
		"two dwords without last":        {"00000002 1b00050f 00001000", tlp.ErrMalformed},
		"two dwords without first":       {"00000002 1b0005f0 00001000", tlp.ErrMalformed},
		"two dwords, gap in the first":   {"00000002 1b0005f7 00001000", tlp.ErrMalformed},
		"two dwords, gap in the last":    {"00000002 1b0005ef 00001000", tlp.ErrMalformed},
		"a completion":                   {"4a000001 00000004 1b000500 00000000", tlp.KindError{Kind: tlp.CplD}},
		"a memory write":                 {"40000001 1b00000f 00001000 00000000", tlp.KindError{Kind: 0x40}},
		"a memory write above 4 GiB":     {"60000001 1b00000f 0000000100001000 00000000", tlp.KindError{Kind: 0x60}},
		"a message":                      {"34000000 1b000004 0000000000000000", tlp.KindError{Kind: 0x34}},
		"a type that nobody has defined": {"1f000000 1b000004 00000000", tlp.KindError{Kind: 0x1f}},
	} {
		t.Run(name, func(t *testing.T) {
			read, err := tlp.DecodeMemoryRead(fromHex(t, test.packet))
			if !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			if read != (tlp.MemoryRead{}) {
				t.Errorf("a value besides the error: %+v", read)
			}
		})
	}
}

func TestReadCrossingAPage(t *testing.T) {
	packet := fromHex(t, `
		00 00 00 02  -- length 2
		1b 00 00 ff
		00 00 1f fc  -- four bytes below a 4 KiB boundary`)
	read, err := tlp.DecodeMemoryRead(packet)
	if err != nil {
		t.Fatal(err)
	}
	if !read.CrossesPage() {
		t.Errorf("%+v is not said to cross a page", read)
	}
	if _, err := read.AppendBinary(nil); !errors.Is(err, tlp.ErrBadRead) {
		t.Errorf("encoding it: %v, want ErrBadRead", err)
	}
}

func TestMemoryReadValidate(t *testing.T) {
	for _, test := range []struct {
		address transport.Address
		length  int
		ok      bool
	}{
		{0x1000, 1, true},
		{0x1000, 4096, true},
		{0x1fff, 1, true},
		{^transport.Address(0), 1, true},
		{0x1000, 0, false},
		{0x1000, -1, false},
		{0x1000, 4097, false},
		{0x1001, 4096, false},
		{0x1fff, 2, false},
	} {
		prefix := []byte{0xaa}
		got, err := tlp.MemoryRead{Address: test.address, Length: test.length}.AppendBinary(prefix)
		if (err == nil) != test.ok || err != nil && !errors.Is(err, tlp.ErrBadRead) {
			t.Errorf("%d bytes at %s: error %v, want ok %v", test.length, test.address, err, test.ok)
		}
		if err != nil && !cmp.Equal(got, prefix) {
			t.Errorf("%d bytes at %s: buffer became % x", test.length, test.address, got)
		}
	}
}

func FuzzDecodeMemoryRead(f *testing.F) {
	for _, v := range readVectors {
		f.Add(fromHex(f, v.packet))
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		read, err := tlp.DecodeMemoryRead(packet)
		if err != nil {
			if read != (tlp.MemoryRead{}) {
				t.Fatalf("%+v besides %v", read, err)
			}
			return
		}
		if read.CrossesPage() {
			return
		}
		again, err := read.AppendBinary(nil)
		if err != nil {
			t.Fatalf("encode %+v: %v", read, err)
		}
		if back, err := tlp.DecodeMemoryRead(again); err != nil || back != read {
			t.Fatalf("%+v came back as %+v, %v", read, back, err)
		}
	})
}
