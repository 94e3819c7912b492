package tlp_test

import (
	"errors"
	"testing"

	"github.com/barescope/barescope/transport/tlp"
)

func TestParseID(t *testing.T) {
	for text, want := range map[string]tlp.ID{
		"1b:00":   0x1b00,
		"1b:00.0": 0x1b00,
		"1B:1f.7": 0x1bff,
		"00:01.2": 0x000a,
		"0:1.2":   0x000a,
	} {
		if got, err := tlp.ParseID(text); err != nil || got != want {
			t.Errorf("ParseID(%q) = %#x, %v, want %#x", text, uint16(got), err, uint16(want))
		}
	}
	for _, text := range []string{"", "1b", "1b:", ":00", "1b:20", "1b:00.8", "1b:00.", "1b:000", "100:00", "+1:00", "1b:00.0x", "0000:1b:00.0"} {
		if got, err := tlp.ParseID(text); !errors.Is(err, tlp.ErrBadID) || got != 0 {
			t.Errorf("ParseID(%q) = %v, %v, want ErrBadID", text, got, err)
		}
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("1b:00.0")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := tlp.ParseID(text)
		if err != nil {
			if id != 0 {
				t.Fatalf("%v besides %v", id, err)
			}
			return
		}
		if back, err := tlp.ParseID(id.String()); err != nil || back != id {
			t.Fatalf("%q is %v, which is %v, %v", text, id, back, err)
		}
	})
}
