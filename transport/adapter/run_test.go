package adapter

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/barescope/barescope/transport/tlp"
)

func TestPortInUse(t *testing.T) {
	newRig(t, wide, Options{})
	listen, client := loopback()
	_, err := New(wide, Options{Listen: listen, Client: client})
	want := listen.String() + ":0x3000 in use: is another adapter running?"
	if !errors.Is(err, unix.EADDRINUSE) || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}

func TestAddressOfAnotherMachine(t *testing.T) {
	listen := netip.MustParseAddr("192.0.2.1") // reserved for documentation by RFC 5737
	_, client := loopback()
	_, err := New(wide, Options{Listen: listen, Client: client})
	if !errors.Is(err, unix.EADDRNOTAVAIL) || !strings.Contains(err.Error(), "ip address add 192.0.2.1/32") {
		t.Errorf("error %v, want one that says how to add the address", err)
	}
}

// A second adapter can only be made once the first has closed its ports.
func TestRunClosesItsPorts(t *testing.T) {
	for range 3 {
		r := newRig(t, wide, Options{Tags: 256})
		r.start()
		if err := r.finish(); err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

func TestCloseWithoutRun(t *testing.T) {
	r := newRig(t, wide, Options{})
	for range 2 {
		if err := r.adapter.Close(); err != nil {
			t.Error(err)
		}
	}
	newRig(t, wide, Options{})
}

func TestBrokenMemoryEndsTheRun(t *testing.T) {
	r := newRig(t, broken{}, Options{})
	r.start()
	r.send(0x3000, fromHex(t, readRAM))
	if err := <-r.done; !errors.Is(err, errBroken) {
		t.Errorf("Run returned %v, want %v", err, errBroken)
	}
}

// A reply can only come if the adapter wakes up by itself when the read is
// due, be it by timer or by polling.
func TestDelayedReadsAreServed(t *testing.T) {
	for _, latency := range []time.Duration{100 * time.Microsecond, 2500 * time.Microsecond} {
		r := newRig(t, wide, Options{Latency: latency})
		r.start()
		r.send(0x3000, fromHex(t, readRAM))
		want := fromHex(t, "000000000000 4a000001 00000004 1b000000 00010203")
		got := r.receive(0x3000)
		if ticks := binary.BigEndian.Uint32(got[2:]); ticks < tlp.Ticks(latency) {
			t.Errorf("latency %v: sent %d ticks after the adapter was made", latency, ticks)
		}
		clear(got[2:6])
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("latency %v (-want +got):\n%s", latency, diff)
		}
		if err := r.finish(); err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

// Completions to a port that the client has closed come back as errors of
// later calls, which must not cost a later completion.
func TestClientThatComesBack(t *testing.T) {
	r := serve(t, wide, Options{})
	want := fromHex(t, "000000000000 4a000001 00000004 1b000000 00010203")
	for i := range 3 {
		r.send(0x3000, fromHex(t, readRAM))
		want[1] = byte(2 * i)
		if diff := cmp.Diff(want, r.reply(0x3000)); diff != "" {
			t.Fatalf("try %d (-want +got):\n%s", i, diff)
		}
		r.send(0x3000, fromHex(t, readRAM))
		if err := r.ports[0x3000].Close(); err != nil {
			t.Fatal(err)
		}
		delete(r.ports, 0x3000)
		r.awaitRequests(uint64(2*i + 2))
	}
}

// awaitRequests asks for the configuration space until so many reads have
// arrived and the rounds that they arrived in are over.
func (r *rig) awaitRequests(n uint64) {
	r.t.Helper()
	for done := false; !done; {
		done = r.adapter.Stats().Requests >= n
		r.send(0x5001, fromHex(r.t, "3c00 00000000"))
		r.receive(0x5001)
	}
}
