package nettlp

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// peer plays the adapter card over sockets: it knows no protocol, only which
// bytes to send when certain bytes come.
type peer struct {
	script  map[string][]reply // by "tag request-in-hex"
	onAny   func()             // called for every request
	sockets []*net.UDPConn
	running sync.WaitGroup

	mu      sync.Mutex
	strange []string // requests that are not in the script
}

// reply is a datagram sent from and to the port of a tag.
type reply struct {
	tag      int
	datagram []byte
}

// anyTag, as the tag of a step, stands for all tags that have no such step of
// their own. Then TT in the vectors is the tag.
const anyTag = -1

// step is a line of a script: when request comes to the port of a tag, all
// replies are sent.
type step struct {
	tag     int
	request string
	replies []vector
}

// vector is the hexadecimal text of a datagram to the port of a tag.
type vector struct {
	tag  int
	text string
}

// addresses hands out pairs of loopback addresses, since all peers use the
// same ports; process keeps those of another run of these tests apart.
var (
	addresses atomic.Uint32
	process   = byte(200 + os.Getpid()%50)
)

func nextAddresses() (target, local netip.Addr) {
	n := addresses.Add(1)
	return netip.AddrFrom4([4]byte{127, process, byte(n), 2}), netip.AddrFrom4([4]byte{127, process, byte(n), 1})
}

// testOptions are options for a scripted peer that answers.
func testOptions() Options {
	target, local := nextAddresses()
	return Options{Target: target, Local: local, Requester: 0x1b00, Tags: 4}
}

// impatientOptions are options for one that is silent.
func impatientOptions() Options {
	o := testOptions()
	o.Timeout = 20 * time.Millisecond
	return o
}

func dial(t testing.TB, o Options) *Client {
	t.Helper()
	c, err := Dial(o)
	if err != nil {
		t.Fatalf("Dial: %v", err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// play starts a peer for a client with the options. It ends with the test, at
// which all requests must have been in the script.
func play(t testing.TB, o Options, script []step, onAny func()) *peer {
	t.Helper()
	p := &peer{script: make(map[string][]reply), onAny: onAny}
	for _, s := range script {
		if s.tag != anyTag {
			p.learn(t, s, s.tag)
		}
	}
	for _, s := range script {
		for tag := 0; tag < o.Tags && s.tag == anyTag; tag++ {
			p.learn(t, s, tag)
		}
	}
	for tag := range o.Tags {
		p.listen(t, o, uint16(0x3000+tag))
	}
	for tag, conn := range p.sockets {
		p.running.Add(1)
		go p.serve(tag, conn)
	}
	t.Cleanup(func() {
		p.stop()
		for _, s := range p.strange {
			t.Errorf("the script does not have request %s", s)
		}
	})
	return p
}

// learn adds a step for a tag, unless the script has one.
func (p *peer) learn(t testing.TB, s step, tag int) {
	t.Helper()
	number := fmt.Sprintf("%02x", tag)
	key := fmt.Sprintf("%d %x", tag, fromHex(t, strings.ReplaceAll(s.request, "TT", number)))
	if _, ok := p.script[key]; ok {
		return
	}
	p.script[key] = nil
	for _, v := range s.replies {
		port := v.tag
		if port == anyTag {
			port = tag
		}
		p.script[key] = append(p.script[key], reply{port, fromHex(t, strings.ReplaceAll(v.text, "TT", number))})
	}
}

func (p *peer) listen(t testing.TB, o Options, port uint16) *net.UDPConn {
	t.Helper()
	conn, err := net.DialUDP("udp4",
		net.UDPAddrFromAddrPort(netip.AddrPortFrom(o.Target, port)),
		net.UDPAddrFromAddrPort(netip.AddrPortFrom(o.Local, port)))
	if err != nil {
		t.Fatalf("peer: %v", err)
	}
	p.sockets = append(p.sockets, conn)
	return conn
}

func (p *peer) stop() {
	for _, conn := range p.sockets {
		conn.Close()
	}
	p.running.Wait()
}

func (p *peer) serve(tag int, conn *net.UDPConn) {
	defer p.running.Done()
	buffer := make([]byte, 2048)
	for {
		n, err := conn.Read(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // the client closed a port
		}
		p.answer(tag, buffer[:n])
	}
}

func (p *peer) answer(tag int, request []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := fmt.Sprintf("%d %s", tag, hex.EncodeToString(request))
	replies, ok := p.script[key]
	if !ok {
		p.strange = append(p.strange, key)
	}
	for _, r := range replies {
		_, _ = p.sockets[r.tag].Write(r.datagram) // the client may be gone
	}
	if p.onAny != nil {
		p.onAny()
	}
}
