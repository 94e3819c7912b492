package adapter

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Both are of four bytes; the memory ends at 0x2000.
const (
	readRAM  = "000000000000 00000001 1b00000f 00001000"
	readHole = "000000000000 00000001 1b00000f 00002000"
)

func TestRefusals(t *testing.T) {
	const (
		ur = "000000000000 0a000000 00002004 1b000000" // status 001
		ca = "000000000000 0a000000 00008004 1b000000" // status 100
	)
	for _, test := range []struct {
		name    string
		options Options
		request string
		reply   string
	}{
		{"hole, by default", Options{}, readHole, ur},
		{"hole, UR", Options{Holes: UnsupportedRequest}, readHole, ur},
		{"hole, CA", Options{Holes: CompleterAbort}, readHole, ca},
		{"all, UR", Options{RefuseAll: UnsupportedRequest}, readRAM, ur},
		{"all, CA", Options{RefuseAll: CompleterAbort}, readRAM, ca},
		{"a page in a hole", Options{MRRS: 4096},
			"000000000000 00000000 1b0000ff 00002000",  // a page
			"000000000000 0a000000 00002000 1b000000"}, // byte count 4096
	} {
		t.Run(test.name, func(t *testing.T) {
			r := serve(t, ramp{end: 0x2000}, test.options)
			r.send(0x3000, fromHex(t, test.request))
			if diff := cmp.Diff(fromHex(t, test.reply), r.reply(0x3000)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := r.adapter.Stats(); got != (Stats{Requests: 1, Refused: 1, Completions: 1}) {
				t.Errorf("stats %+v", got)
			}
		})
	}
}

// What is not answered is followed by a question on the same port that is, and
// the first reply there has to be the one to that.
func TestSilence(t *testing.T) {
	const (
		ask    = "3c 00 00 00 00 00"
		answer = "3c 00 80 22 37 76 00 00 00 00 00 00 00 00 00 00 00 00"
		served = "000000000000 4a000001 00000004 1b000000 00010203"
	)
	for _, test := range []struct {
		name    string
		options Options
		request string
		next    string // a read that is answered, or nothing if none is
	}{
		{"hole", Options{Holes: Silence}, readHole, readRAM},
		{"crosses 4 KiB", Options{}, "000000000000 00000002 1b0000ff 00000ffc", readRAM},
		{"longer than MRRS", Options{MRRS: 128}, "000000000000 00000021 1b0000ff 00001000", readRAM},
		{"another requester", Options{CheckRequester: true, Requester: 0x1b00}, "000000000000 00000001 1c00000f 00001000", readRAM},
		{"a tag without a port", Options{Tags: 4}, "000000000000 00000001 1b00040f 00001000", readRAM},
		{"all", Options{RefuseAll: Silence}, readRAM, ""},
		{"bus master off", Options{BusMasterOff: true}, readRAM, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := serve(t, ramp{end: 0x2000}, test.options)
			r.send(0x3000, fromHex(t, test.request))
			want := Stats{Requests: 1, Silent: 1}
			if test.next != "" {
				want.Requests, want.Bytes, want.Completions = 2, 4, 1
				r.send(0x3000, fromHex(t, test.next))
				if diff := cmp.Diff(fromHex(t, served), r.reply(0x3000)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
			// By the second answer the round that had the read is over.
			for range 2 {
				want.Config++
				r.send(0x5001, fromHex(t, ask))
				if diff := cmp.Diff(fromHex(t, answer), r.receive(0x5001)); diff != "" {
					t.Errorf("configuration space (-want +got):\n%s", diff)
				}
			}
			if got := r.adapter.Stats(); got != want {
				t.Errorf("stats %+v, want %+v", got, want)
			}
		})
	}
}

func TestRefusalText(t *testing.T) {
	for refusal, text := range map[Refusal]string{
		None: "none", UnsupportedRequest: "ur", CompleterAbort: "ca", Silence: "silence",
	} {
		got, err := refusal.MarshalText()
		if err != nil || string(got) != text {
			t.Errorf("%d is %q, %v, want %q", refusal, got, err, text)
		}
		var back Refusal
		if err := back.UnmarshalText(got); err != nil || back != refusal {
			t.Errorf("%q is %s, %v", got, back, err)
		}
	}
	kept := Silence
	if err := kept.UnmarshalText([]byte("UR?")); !errors.Is(err, ErrBadOptions) || kept != Silence {
		t.Errorf("UR? is %s, %v", kept, err)
	}
}
