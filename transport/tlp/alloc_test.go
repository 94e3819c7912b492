package tlp_test

import (
	"testing"

	"github.com/barescope/barescope/transport/tlp"
)

func TestCodecDoesNotAllocate(t *testing.T) {
	read := tlp.MemoryRead{Requester: 0x1b00, Tag: 5, Address: 0x1_0000_1003, Length: 13}
	completion := tlp.Completion{Requester: 0x1b00, Tag: 5, ByteCount: 13, LowerAddress: 3, Data: make([]byte, 13)}
	buf := make([]byte, 0, 64)
	for name, codec := range map[string]func() error{
		"memory read": func() error {
			b, err := read.AppendBinary(tlp.Header{}.Append(buf))
			if err != nil {
				return err
			}
			_, err = tlp.DecodeMemoryRead(b[tlp.HeaderSize:])
			return err
		},
		"completion": func() error {
			b, err := completion.AppendBinary(tlp.Header{}.Append(buf))
			if err != nil {
				return err
			}
			c, err := tlp.DecodeCompletion(b[tlp.HeaderSize:])
			if err != nil {
				return err
			}
			_, err = read.Place(c)
			return err
		},
	} {
		allocations := testing.AllocsPerRun(100, func() {
			if err := codec(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		})
		if allocations != 0 {
			t.Errorf("%s: %v allocations", name, allocations)
		}
	}
}
