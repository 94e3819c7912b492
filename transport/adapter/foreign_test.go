package adapter

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestForeignPacketsFailTheRun(t *testing.T) {
	for _, test := range []struct {
		name    string
		port    uint16
		request string
		says    string
	}{
		{"memory write", 0x3000, "000000000000 40000001 1b00000f 00001000 ffffffff", "MWr (fmt 2, type 0x00)"},
		{"memory write above 4 GiB", 0x3000, "000000000000 60000001 1b00000f 0000000100001000 ffffffff", "MWr (fmt 3, type 0x00)"},
		{"memory write that is cut short", 0x3000, "000000000000 40", "MWr (fmt 2, type 0x00)"},
		{"completion", 0x3000, "000000000000 0a000000 00000004 1b000000", "Cpl (fmt 0, type 0x0a)"},
		{"message", 0x3000, "000000000000 34000000 1b000018 0000000000000000", "Msg (fmt 1, type 0x14)"},
		{"configuration write", 0x5001, "7c01 00000007", "opcode 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, wide, Options{})
			r.start()
			r.send(test.port, fromHex(t, test.request))
			// What follows on the same port is answered; what went before is not.
			if test.port == 0x3000 {
				r.send(0x3000, fromHex(t, readRAM))
				want := fromHex(t, "000000000000 4a000001 00000004 1b000000 00010203")
				if diff := cmp.Diff(want, r.reply(0x3000)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			} else {
				r.send(0x5001, fromHex(t, "3c01 00000000"))
				want := fromHex(t, "3c01 00100006 000000000000000000000000")
				if diff := cmp.Diff(want, r.receive(0x5001)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
			err := r.finish()
			if !errors.Is(err, ErrForeignTLP) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("Run returned %v, want ErrForeignTLP that names %q", err, test.says)
			}
			if got := r.adapter.Stats().Foreign; got != 1 {
				t.Errorf("%d foreign packets, want 1", got)
			}
		})
	}
}

func TestMalformedDatagramsAreSurvived(t *testing.T) {
	r := serve(t, wide, Options{})
	malformed := []string{
		"",
		"00",
		"000000000000",
		"000000000000 00000001 1b0000", // eleven bytes of a header
		"000000000000 20000001 1b00000f 00000000 00001000",   // 4DW below 4 GiB
		"000000000000 00000001 1b000005 00001000",            // byte enables with a gap
		"000000000000 00000002 1b00000f 00001000 ffffffffff", // no last byte enables
	}
	for _, request := range malformed {
		r.send(0x3000, fromHex(t, request))
	}
	r.send(0x3000, make([]byte, 9000)) // a 3DW read of no bytes, longer than the buffer
	r.send(0x3000, fromHex(t, readRAM))
	want := fromHex(t, "000000000000 4a000001 00000004 1b000000 00010203")
	if diff := cmp.Diff(want, r.reply(0x3000)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := r.adapter.Stats(); got.Malformed != uint64(len(malformed))+1 || got.Foreign != 0 {
		t.Errorf("stats %+v, want %d malformed", got, len(malformed)+1)
	}
}
