package bench

import (
	"errors"
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/barescope/barescope/transport/tlp"
)

// answerTimeout is libtlp's: it then gives a read up.
const answerTimeout = 500_000 // us

// Socket is a tag's UDP socket as the baseline uses it: blocking system calls
// in one thread, one to send and one for each datagram that comes.
type Socket struct {
	fd     int
	tag    uint8
	buffer [2048]byte
}

// DialSocket binds the socket of a tag.
func DialSocket(local, target netip.Addr, tag uint8) (*Socket, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("the baseline's socket: %w", err)
	}
	s := &Socket{fd: fd, tag: tag}
	port := int(tlp.Port(tag))
	for _, step := range []func() error{
		func() error { return unix.Bind(fd, &unix.SockaddrInet4{Port: port, Addr: local.As4()}) },
		func() error { return unix.Connect(fd, &unix.SockaddrInet4{Port: port, Addr: target.As4()}) },
		func() error {
			return unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: answerTimeout})
		},
	} {
		if err := step(); err != nil {
			_ = s.Close()
			return nil, fmt.Errorf("the baseline's socket: %w", err)
		}
	}
	return s, nil
}

// Exchange implements Exchanger, for the socket's own tag.
func (s *Socket) Exchange(_ uint8, request []byte, take func([]byte) bool) error {
	if _, err := again(func() (int, error) { return unix.Write(s.fd, request) }); err != nil {
		return fmt.Errorf("send to tag %d: %w", s.tag, err)
	}
	for {
		n, err := again(func() (int, error) { return unix.Read(s.fd, s.buffer[:]) })
		if err != nil {
			return fmt.Errorf("answer for tag %d: %w", s.tag, err)
		}
		if take(s.buffer[:n]) {
			return nil
		}
	}
}

// again makes a system call until no signal interrupts it: the Go runtime
// sends some of its own.
func again(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

// Close closes the socket.
func (s *Socket) Close() error { return unix.Close(s.fd) }

// transcript is what was sent with one tag, and how many datagrams came for
// each of it.
type transcript struct {
	link     Exchanger
	requests [][]byte
	answers  []int
}

// Exchange implements Exchanger.
func (t *transcript) Exchange(tag uint8, request []byte, take func([]byte) bool) error {
	t.requests = append(t.requests, append([]byte(nil), request...))
	n := 0
	err := t.link.Exchange(tag, request, func(datagram []byte) bool {
		n++
		return take(datagram)
	})
	t.answers = append(t.answers, n)
	return err
}

// repeat sends the same again and does nothing with the answers: no client
// with one read in flight can be faster.
func (t *transcript) repeat(tag uint8) error {
	left := 0
	take := func([]byte) bool {
		left--
		return left == 0
	}
	for i, request := range t.requests {
		left = t.answers[i]
		if err := t.link.Exchange(tag, request, take); err != nil {
			return err
		}
	}
	return nil
}
