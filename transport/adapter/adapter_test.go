package adapter

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// completionVectors are written by hand, from the PCI Express Base
// Specification 3.0 and the layout of the NetTLP header. The memory's bytes
// are the low bytes of their addresses.
var completionVectors = []struct {
	name    string
	options Options
	port    uint16
	request string
	replies []string
}{
	{
		name: "one dword",
		port: 0x3005,
		request: `
				00 00 00 00 00 00  -- NetTLP: sequence and timestamp do not matter
				00 00 00 01        -- MRd 3DW, one dword
				1b 00 05 0f        -- requester 1b:00.0, tag 5, all four bytes
				00 00 10 10        -- address 0x1010`,
		replies: []string{`
				00 00 00 00 00 00  -- NetTLP: sequence 0, timestamp cleared by the test
				4a 00 00 01        -- CplD, one dword
				00 00 00 04        -- completer 00:00.0, SC, byte count 4
				1b 00 05 10        -- requester 1b:00.0, tag 5, lower address 0x10
				10 11 12 13`},
	}, {
		name: "a ragged read is split at the boundary",
		port: 0x3000,
		request: `
				00 00 00 00 00 00
				00 00 00 05        -- five dwords, 0x103c to 0x104f
				1b 00 00 fe        -- without the first byte
				00 00 10 3c`,
		replies: []string{`
				00 00 00 00 00 00
				4a 00 00 01
				00 00 00 13        -- 19 bytes to come
				1b 00 00 3d        -- from 0x103d
				00 3d 3e 3f        -- three of them`, `
				00 01 00 00 00 00  -- sequence 1
				4a 00 00 04
				00 00 00 10        -- 16 bytes to come
				1b 00 00 40
				40 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f`},
	}, {
		name:    "payloads of 64 bytes",
		options: Options{MPS: 64},
		port:    0x3000,
		request: `
				00 00 00 00 00 00
				00 00 00 19        -- 25 dwords
				1b 00 00 ff
				00 00 10 40`,
		replies: []string{`
				00 00 00 00 00 00
				4a 00 00 10        -- 16 dwords
				00 00 00 64        -- 100 bytes to come
				1b 00 00 40
				40 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50 51 52 53 54 55 56 57 58 59 5a 5b 5c 5d 5e 5f
				60 61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e 6f 70 71 72 73 74 75 76 77 78 79 7a 7b 7c 7d 7e 7f`, `
				00 01 00 00 00 00
				4a 00 00 09        -- 9 dwords
				00 00 00 24        -- 36 bytes to come
				1b 00 00 00        -- 0x1080 has the low seven bits 0
				80 81 82 83 84 85 86 87 88 89 8a 8b 8c 8d 8e 8f 90 91 92 93 94 95 96 97 98 99 9a 9b 9c 9d 9e 9f
				a0 a1 a2 a3`},
	}, {
		name: "above 4 GiB",
		port: 0x301f,
		request: `
				00 00 00 00 00 00
				20 00 00 01              -- MRd 4DW
				1b 00 1f 02              -- byte 1 only
				00 00 00 01 00 00 00 00  -- 4 GiB`,
		replies: []string{`
				00 00 00 00 00 00
				4a 00 00 01
				00 00 00 01
				1b 00 1f 01
				00 01 00 00`},
	}, {
		name: "Ethernet padding behind the request",
		port: 0x3000,
		request: `
				00 00 00 00 00 00
				00 00 00 01 1b 00 00 0f 00 00 10 00
				00 00 00 00 00 00 00 00`,
		replies: []string{`
				00 00 00 00 00 00
				4a 00 00 01 00 00 00 04 1b 00 00 00
				00 01 02 03`},
	},
}

func TestCompletionVectors(t *testing.T) {
	for _, test := range completionVectors {
		t.Run(test.name, func(t *testing.T) {
			r := serve(t, wide, test.options)
			r.send(test.port, fromHex(t, test.request))
			for i, want := range test.replies {
				if diff := cmp.Diff(fromHex(t, want), r.reply(test.port)); diff != "" {
					t.Errorf("reply %d (-want +got):\n%s", i, diff)
				}
			}
		})
	}
}

// A page in one completion is where both counts wrap to zero.
func TestWholePageInOneCompletion(t *testing.T) {
	r := serve(t, wide, Options{MPS: 4096, MRRS: 4096})
	r.send(0x3000, fromHex(t, `
		00 00 00 00 00 00
		00 00 00 00        -- length 0 encodes 1024 dwords
		1b 00 00 ff
		00 00 20 00`))
	want := fromHex(t, `
		00 00 00 00 00 00
		4a 00 00 00        -- length 0 encodes 1024 dwords
		00 00 00 00        -- byte count 0 encodes 4096
		1b 00 00 00`)
	for i := range 4096 {
		want = append(want, byte(i))
	}
	if diff := cmp.Diff(want, r.reply(0x3000)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The pieces of a page are sent in one system call where the kernel can cut
// them apart, and have to arrive as if each had been sent on its own.
func TestSegmentedAndSingleSendsAgree(t *testing.T) {
	request := fromHex(t, "000000000000 00000000 1b0000ff 00002000")
	replies := make(map[bool][][]byte)
	for _, segmented := range []bool{true, false} {
		r := newRig(t, wide, Options{MPS: 64, MRRS: 4096, Singly: !segmented})
		r.start()
		r.send(0x3000, request)
		for range 64 {
			replies[segmented] = append(replies[segmented], r.reply(0x3000))
		}
		if err := r.finish(); err != nil {
			t.Errorf("Run: %v", err)
		}
	}
	if diff := cmp.Diff(replies[false], replies[true]); diff != "" {
		t.Errorf("(-single +segmented):\n%s", diff)
	}
	if last := replies[false][63]; last[1] != 63 || len(last) != 6+12+64 {
		t.Errorf("last of 64 pieces: % x", last)
	}
}

// It is the tag of the packet, not the port it came by, that says where the
// completion goes.
func TestReplyGoesToThePortOfTheTag(t *testing.T) {
	r := serve(t, wide, Options{})
	r.port(0x3005)
	r.send(0x3003, fromHex(t, "000000000000 00000001 1b00050f 00001000"))
	want := fromHex(t, "000000000000 4a000001 00000004 1b000500 00010203")
	if diff := cmp.Diff(want, r.reply(0x3005)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSequenceCountsOverAllPorts(t *testing.T) {
	r := serve(t, wide, Options{})
	for i, test := range []struct {
		port            uint16
		request, header string
	}{
		{0x3002, "000000000000 00000001 1b00020f 00001000", "000000000000"},
		{0x3000, "000000000000 00000001 1b00000f 00001000", "000100000000"},
		{0x301f, "000000000000 00000001 1b001f0f 00001000", "000200000000"},
		{0x3000, "000000000000 00000001 1b00000f 00001000", "000300000000"},
	} {
		r.send(test.port, fromHex(t, test.request))
		if diff := cmp.Diff(fromHex(t, test.header), r.reply(test.port)[:6]); diff != "" {
			t.Errorf("reply %d (-want +got):\n%s", i, diff)
		}
	}
}

// registerVectors have the 18 byte replies of the card's configuration space.
var registerVectors = []struct {
	name    string
	options Options
	request string
	reply   string
}{
	{
		name:    "vendor and device",
		request: "3c 00 00 00 00 00", // opcode 0, mask 1111, register 0
		reply: `
				3c 00
				80 22 37 76  -- device 8022, vendor 3776
				00 00 00 00 00 00 00 00 00 00 00 00`,
	}, {
		name:    "command, bus master on",
		request: "3c 01 00 00 00 00",
		reply: `
				3c 01
				00 10 00 06  -- status: capability list; command: bus master, memory space
				00 00 00 00 00 00 00 00 00 00 00 00`,
	}, {
		name:    "command, bus master off",
		options: Options{BusMasterOff: true},
		request: "3c 01 00 00 00 00",
		reply: `
				3c 01
				00 10 00 02
				00 00 00 00 00 00 00 00 00 00 00 00`,
	}, {
		name:    "a register that nobody needs",
		request: "3f ff 00 00 00 00", // register 0x3ff
		reply: `
				3f ff
				00 00 00 00
				00 00 00 00 00 00 00 00 00 00 00 00`,
	},
}

func TestConfigurationSpace(t *testing.T) {
	for _, test := range registerVectors {
		t.Run(test.name, func(t *testing.T) {
			r := serve(t, wide, test.options)
			r.send(0x5001, fromHex(t, test.request))
			if diff := cmp.Diff(fromHex(t, test.reply), r.receive(0x5001)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := r.adapter.Stats(); got != (Stats{Config: 1}) {
				t.Errorf("stats %+v", got)
			}
		})
	}
}
