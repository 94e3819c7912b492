package adapter

import (
	"context"
	"encoding/hex"
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/tlp"
)

// patience is how long a test waits for what must come. No test waits for
// what must not.
const patience = 20 * time.Second

// ramp is a memory in which every byte is the low byte of its own address,
// with a hole behind its end.
type ramp struct{ end transport.Address }

func (m ramp) ReadPhysical(_ context.Context, reads []transport.Read) error {
	for i := range reads {
		r := &reads[i]
		r.Outcome = transport.Absent
		if r.Range().End() > m.end {
			continue
		}
		for j := range r.Data {
			r.Data[j] = byte(r.Address) + byte(j)
		}
		r.Outcome = transport.Success
	}
	return nil
}

// wide is a ramp without a hole in the addresses that tests read.
var wide = ramp{end: 1 << 40}

// fromHex decodes hexadecimal with any white space, and comments from "--" to
// the end of the line.
func fromHex(t testing.TB, text string) []byte {
	t.Helper()
	var digits strings.Builder
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "--")
		for field := range strings.FieldsSeq(line) {
			digits.WriteString(field)
		}
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		t.Fatalf("vector %q: %v", text, err)
	}
	return b
}

// loopback returns two addresses that no other test process uses.
func loopback() (listen, client netip.Addr) {
	pid := os.Getpid() * 2
	return netip.AddrFrom4([4]byte{127, 77, byte(pid >> 8), byte(pid)}),
		netip.AddrFrom4([4]byte{127, 77, byte(pid >> 8), byte(pid + 1)})
}

// rig is a running adapter and the client's end of its ports.
type rig struct {
	t       testing.TB
	adapter *Adapter
	stop    func()
	done    chan error
	ports   map[uint16]*net.UDPConn
	targets map[uint16]netip.AddrPort
}

// newRig makes an adapter that does not run yet.
func newRig(t testing.TB, memory transport.Memory, o Options) *rig {
	t.Helper()
	o.Listen, o.Client = loopback()
	a, err := New(memory, o)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{
		t: t, adapter: a, done: make(chan error, 1),
		ports:   make(map[uint16]*net.UDPConn),
		targets: make(map[uint16]netip.AddrPort),
	}
	t.Cleanup(func() { _ = a.Close() })
	return r
}

// start makes the adapter run until finish, or the test's end.
func (r *rig) start() {
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	go func() { r.done <- r.adapter.Run(ctx) }()
	r.t.Cleanup(cancel)
}

// finish stops the adapter, closes the client and returns what Run returned.
func (r *rig) finish() error {
	r.t.Helper()
	r.stop()
	for port, conn := range r.ports {
		_ = conn.Close()
		delete(r.ports, port)
	}
	select {
	case err := <-r.done:
		return err
	case <-time.After(patience):
		r.t.Fatal("Run did not return after its context ended")
		return nil
	}
}

// serve is newRig and start for adapters of whom nothing is wrong in the end.
func serve(t testing.TB, memory transport.Memory, o Options) *rig {
	t.Helper()
	r := newRig(t, memory, o)
	r.start()
	t.Cleanup(func() {
		if err := r.finish(); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return r
}

// port returns the client's socket for a port.
func (r *rig) port(port uint16) *net.UDPConn {
	r.t.Helper()
	if conn, ok := r.ports[port]; ok {
		return conn
	}
	listen, client := loopback()
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(client, port)))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	r.ports[port] = conn
	r.targets[port] = netip.AddrPortFrom(listen, port)
	return conn
}

// send sends a datagram from and to a port.
func (r *rig) send(port uint16, b []byte) {
	r.t.Helper()
	conn := r.port(port)
	if _, err := conn.WriteToUDPAddrPort(b, r.targets[port]); err != nil {
		r.t.Fatal(err)
	}
}

// receive returns the next datagram that arrives at a port from that port.
func (r *rig) receive(port uint16) []byte {
	r.t.Helper()
	conn := r.port(port)
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		r.t.Fatal(err)
	}
	b := make([]byte, 8192)
	n, from, err := conn.ReadFromUDPAddrPort(b)
	if err != nil {
		r.t.Fatal(err)
	}
	if from != r.targets[port] {
		r.t.Errorf("reply from %v, want %v", from, r.targets[port])
	}
	return b[:n]
}

// reply returns the next datagram that arrives at a port, its timestamp set
// to zero since no vector can know it.
func (r *rig) reply(port uint16) []byte {
	r.t.Helper()
	b := r.receive(port)
	if len(b) < tlp.HeaderSize {
		r.t.Fatalf("reply % x has no NetTLP header", b)
	}
	clear(b[2:tlp.HeaderSize])
	return b
}

// broken is a memory that fails as a whole.
type broken struct{}

var errBroken = errors.New("the file is gone")

func (broken) ReadPhysical(context.Context, []transport.Read) error { return errBroken }
