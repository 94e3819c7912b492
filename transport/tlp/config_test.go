package tlp_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/transport/tlp"
)

func TestConfigVectors(t *testing.T) {
	register := tlp.ConfigRegister{Number: 0x201, Value: 0x00100006}
	request := fromHex(t, `
		3e 01        -- opcode 00 (read), byte mask 1111, register number 10 0000 0001
		00 00 00 00  -- no value yet`)
	reply := fromHex(t, `
		3e 01
		00 10 00 06  -- status 0x0010, command 0x0006: memory space, bus master
		00 00 00 00 00 00 00 00 00 00 00 00`)
	if got, err := register.AppendRequest(nil); err != nil || !cmp.Equal(got, request) {
		t.Errorf("request % x, %v, want % x", got, err, request)
	}
	if got, err := register.AppendReply(nil); err != nil || !cmp.Equal(got, reply) {
		t.Errorf("reply % x, %v, want % x", got, err, reply)
	}
	if got, err := tlp.DecodeConfig(request); err != nil || got != (tlp.ConfigRegister{Number: 0x201}) {
		t.Errorf("decoded request %+v, %v", got, err)
	}
	if got, err := tlp.DecodeConfig(reply); err != nil || got != register {
		t.Errorf("decoded reply %+v, %v", got, err)
	}
}

func TestConfigRefuses(t *testing.T) {
	if _, err := tlp.DecodeConfig(fromHex(t, "3e01 000000")); !errors.Is(err, tlp.ErrShort) {
		t.Errorf("five bytes: %v, want ErrShort", err)
	}
	if _, err := tlp.DecodeConfig(fromHex(t, "7e01 00000007")); !errors.Is(err, tlp.ErrNotRead) {
		t.Errorf("a write, opcode 01: %v, want ErrNotRead", err)
	}
	high := tlp.ConfigRegister{Number: tlp.MaxRegister + 1}
	if got, err := high.AppendRequest(nil); !errors.Is(err, tlp.ErrMalformed) || got != nil {
		t.Errorf("register %#x: % x, %v, want ErrMalformed", high.Number, got, err)
	}
	if got, err := high.AppendReply(nil); !errors.Is(err, tlp.ErrMalformed) || got != nil {
		t.Errorf("register %#x: % x, %v, want ErrMalformed", high.Number, got, err)
	}
}

func FuzzDecodeConfig(f *testing.F) {
	f.Add([]byte{0x3e, 1, 0, 0x10, 0, 6})
	f.Add([]byte{0x7e, 1, 0, 0x10, 0, 6})
	f.Fuzz(func(t *testing.T, datagram []byte) {
		register, err := tlp.DecodeConfig(datagram)
		if err != nil {
			if register != (tlp.ConfigRegister{}) {
				t.Fatalf("%+v besides %v", register, err)
			}
			return
		}
		again, err := register.AppendReply(nil)
		if err != nil {
			t.Fatalf("encode %+v: %v", register, err)
		}
		if back, err := tlp.DecodeConfig(again); err != nil || back != register {
			t.Fatalf("%+v came back as %+v, %v", register, back, err)
		}
	})
}
