package tlp_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/transport/tlp"
)

// completionVectors are completions written by hand from figures 2-42 and
// 2-43 of the PCI Express Base Specification 3.0.
var completionVectors = []struct {
	name       string
	packet     string
	completion tlp.Completion
}{
	{
		name: "one dword",
		packet: `
			4a 00 00 01  -- fmt 010 (3DW, data), type 01010; length 1
			00 28 00 04  -- completer 00:05.0; status 000, BCM 0, byte count 4
			1b 00 05 10  -- requester 1b:00.0; tag 5; lower address 0x10
			de ad be ef`,
		completion: tlp.Completion{
			Completer: 0x0028, Requester: 0x1b00, Tag: 5,
			ByteCount: 4, LowerAddress: 0x10, Data: []byte{0xde, 0xad, 0xbe, 0xef},
		},
	}, {
		name: "the last byte of a dword",
		packet: `
			4a 00 00 01
			00 00 00 01  -- byte count 1
			1b 00 05 7f  -- lower address 0x7f: byte 3 of the dword
			00 00 00 ef`,
		completion: tlp.Completion{
			Requester: 0x1b00, Tag: 5, ByteCount: 1, LowerAddress: 0x7f, Data: []byte{0xef},
		},
	}, {
		name: "the first piece of three bytes before a boundary",
		packet: `
			4a 00 00 01  -- one dword up to the boundary at 0x40
			00 00 00 13  -- 19 bytes are still to come, three of them here
			1b 00 ff 3d  -- lower address 0x3d
			00 01 02 03`,
		completion: tlp.Completion{
			Requester: 0x1b00, Tag: 255, ByteCount: 19, LowerAddress: 0x3d, Data: []byte{1, 2, 3},
		},
	}, {
		name: "the last piece with three bytes of padding",
		packet: `
			4a 00 00 02
			00 00 00 05
			1b 00 00 40
			01 02 03 04 05 00 00 00`,
		completion: tlp.Completion{
			Requester: 0x1b00, ByteCount: 5, LowerAddress: 0x40, Data: []byte{1, 2, 3, 4, 5},
		},
	}, {
		name: "the first piece of a page",
		packet: `
			4a 00 00 02
			00 00 00 00  -- byte count 0 encodes 4096
			1b 00 00 00
			01 02 03 04 05 06 07 08`,
		completion: tlp.Completion{
			Requester: 0x1b00, ByteCount: 4096, Data: []byte{1, 2, 3, 4, 5, 6, 7, 8},
		},
	}, {
		name: "unsupported request",
		packet: `
			0a 00 00 00  -- fmt 000 (3DW, no data), type 01010
			00 00 20 04  -- status 001
			1b 00 05 00`,
		completion: tlp.Completion{Requester: 0x1b00, Tag: 5, Status: tlp.UR, ByteCount: 4},
	}, {
		name: "configuration request retry",
		packet: `
			0a 00 00 00
			00 00 40 04  -- status 010
			1b 00 05 00`,
		completion: tlp.Completion{Requester: 0x1b00, Tag: 5, Status: tlp.CRS, ByteCount: 4},
	}, {
		name: "completer abort after some data",
		packet: `
			0a 00 00 00
			00 00 8f c0  -- status 100; 4032 bytes will not come
			1b 00 05 40`,
		completion: tlp.Completion{Requester: 0x1b00, Tag: 5, Status: tlp.CA, ByteCount: 4032, LowerAddress: 0x40},
	},
}

func TestCompletionVectors(t *testing.T) {
	for _, test := range completionVectors {
		t.Run(test.name, func(t *testing.T) {
			want := fromHex(t, test.packet)
			got, err := test.completion.AppendBinary(nil)
			if err != nil {
				t.Fatalf("encode: %v", err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("encoded (-want +got):\n%s", diff)
			}
			completion, err := tlp.DecodeCompletion(want)
			if err != nil {
				t.Fatalf("decode: %v", err)
			}
			if diff := cmp.Diff(test.completion, completion); diff != "" {
				t.Errorf("decoded (-want +got):\n%s", diff)
			}
		})
	}
}

// A completer without a limit sends a page in one piece, where both counts of
// zero have their special meaning.
func TestDecodeCompletionOfAPage(t *testing.T) {
	header := fromHex(t, `
		4a 00 00 00  -- length 0 encodes 1024 dwords
		00 00 00 00  -- byte count 0 encodes 4096
		1b 00 00 00`)
	page := bytes.Repeat([]byte{0x5a}, 4096)
	got, err := tlp.DecodeCompletion(append(header, page...))
	if err != nil {
		t.Fatal(err)
	}
	want := tlp.Completion{Requester: 0x1b00, ByteCount: 4096, Data: page}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The bytes that fill up the ends are whatever the completer put there.
func TestDecodeCompletionIgnoresFilling(t *testing.T) {
	got, err := tlp.DecodeCompletion(fromHex(t, "4a000002 00000004 1b000502 aaaa0102 0304aaaa"))
	if err != nil {
		t.Fatal(err)
	}
	want := tlp.Completion{Requester: 0x1b00, Tag: 5, ByteCount: 4, LowerAddress: 2, Data: []byte{1, 2, 3, 4}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecodeCompletionDigest(t *testing.T) {
	want := tlp.Completion{Requester: 0x1b00, ByteCount: 4, Data: []byte{1, 2, 3, 4}}
	for name, packet := range map[string]string{
		"announced and there":   "4a008001 00000004 1b000000 01020304 deadbeef",
		"announced and cut off": "4a008001 00000004 1b000000 01020304",
	} {
		got, err := tlp.DecodeCompletion(fromHex(t, packet))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestDecodeCompletionRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		packet string
		want   error
	}{
		"nothing":                         {"", tlp.ErrShort},
		"a header of 11 bytes":            {"0a000000 00002004 1b0005", tlp.ErrShort},
		"data cut short":                  {"4a000002 00000008 1b000500 01020304 050607", tlp.ErrShort},
		"data missing":                    {"4a000001 00000004 1b000500", tlp.ErrShort},
		"bytes behind the data":           {"4a000001 00000004 1b000500 01020304 05060708", tlp.ErrMalformed},
		"half a digest":                   {"4a008001 00000004 1b000500 01020304 0506", tlp.ErrMalformed},
		"bytes behind an error":           {"0a000000 00002004 1b000500 00000000", tlp.ErrMalformed},
		"data with status UR":             {"4a000001 00002004 1b000500 01020304", tlp.ErrMalformed},
		"success without data":            {"0a000000 00000004 1b000500", tlp.ErrMalformed},
		"poisoned data":                   {"4a004001 00000004 1b000500 01020304", tlp.ErrMalformed},
		"a PCI-X byte count":              {"4a000001 00001004 1b000500 01020304", tlp.ErrMalformed},
		"more dwords than the byte count": {"4a000002 00000004 1b000500 01020304 05060708", tlp.ErrMalformed},
		"a memory read":                   {"00000001 1b00050f 00001000", tlp.KindError{Kind: tlp.MRd32}},
		"a locked completion":             {"4b000001 00000004 1b000500 01020304", tlp.KindError{Kind: 0x4b}},
	} {
		t.Run(name, func(t *testing.T) {
			completion, err := tlp.DecodeCompletion(fromHex(t, test.packet))
			if !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			if diff := cmp.Diff(tlp.Completion{}, completion); diff != "" {
				t.Errorf("a value besides the error:\n%s", diff)
			}
		})
	}
}

func TestAppendCompletionRefuses(t *testing.T) {
	data := []byte{1, 2, 3, 4}
	for name, completion := range map[string]tlp.Completion{
		"byte count 0":               {ByteCount: 0, Data: data},
		"byte count 4097":            {ByteCount: 4097, Data: data},
		"success without data":       {ByteCount: 4},
		"an error with data":         {ByteCount: 4, Status: tlp.UR, Data: data},
		"a status of four bits":      {ByteCount: 4, Status: 8},
		"a lower address of 8 bits":  {ByteCount: 4, LowerAddress: 0x80, Data: data},
		"more data than byte count":  {ByteCount: 3, Data: data},
		"a piece that ends unevenly": {ByteCount: 8, LowerAddress: 1, Data: data},
		"more than 1024 dwords":      {ByteCount: 4096, LowerAddress: 1, Data: make([]byte, 4096)},
	} {
		prefix := []byte{0xaa}
		got, err := completion.AppendBinary(prefix)
		if !errors.Is(err, tlp.ErrMalformed) {
			t.Errorf("%s: error %v, want ErrMalformed", name, err)
		}
		if !bytes.Equal(got, prefix) {
			t.Errorf("%s: buffer became % x", name, got)
		}
	}
}

func FuzzDecodeCompletion(f *testing.F) {
	for _, v := range completionVectors {
		f.Add(fromHex(f, v.packet))
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		completion, err := tlp.DecodeCompletion(packet)
		if err != nil {
			if diff := cmp.Diff(tlp.Completion{}, completion); diff != "" {
				t.Fatalf("a value besides %v:\n%s", err, diff)
			}
			return
		}
		again, err := completion.AppendBinary(nil)
		if err != nil {
			t.Fatalf("encode %+v: %v", completion, err)
		}
		back, err := tlp.DecodeCompletion(again)
		if err != nil {
			t.Fatalf("decode %+v again: %v", completion, err)
		}
		if diff := cmp.Diff(completion, back); diff != "" {
			t.Fatalf("changed on the way:\n%s", diff)
		}
	})
}
