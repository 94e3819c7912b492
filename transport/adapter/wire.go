package adapter

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// maxDatagram is more than any request has.
	maxDatagram = 2048

	// wakeEvent stands in an event where the index of a socket would.
	wakeEvent = -1
)

// wire is the sockets of an adapter. Each is bound to a port at the adapter's
// address and connected to the same port at the client's, so that the kernel
// drops what comes from elsewhere, and no call has to name an address.
type wire struct {
	sockets  []int // by the index that the card knows them by
	poll     int
	events   []unix.EpollEvent
	incoming [maxDatagram]byte
	// segmented is whether the kernel cuts several datagrams out of one
	// buffer (UDP_SEGMENT, since 4.18); control is what asks it to.
	segmented bool
	control   []byte

	mu   sync.Mutex // guards bell, which any goroutine may ring
	bell int        // an eventfd, or -1 once closed
}

// openWire binds a socket to each of the ports. The error says what to do.
func openWire(listen, client netip.Addr, ports []uint16) (_ *wire, err error) {
	w := &wire{poll: -1, bell: -1, events: make([]unix.EpollEvent, len(ports)+1), segmented: true, control: segmentControl()}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	if w.poll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("epoll_create1: %w", err)
	}
	if w.bell, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return nil, fmt.Errorf("eventfd: %w", err)
	}
	if err := w.watch(w.bell, wakeEvent); err != nil {
		return nil, err
	}
	for i, port := range ports {
		fd, err := openSocket(netip.AddrPortFrom(listen, port), client)
		if err != nil {
			return nil, err
		}
		w.sockets = append(w.sockets, fd)
		if err := w.watch(fd, i); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// openSocket binds a socket to at, and connects it to the same port at peer.
func openSocket(at netip.AddrPort, peer netip.Addr) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, fmt.Errorf("open a socket: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}); err != nil {
		unix.Close(fd)
		return -1, bindError(at, err)
	}
	if err := unix.Connect(fd, &unix.SockaddrInet4{Port: int(at.Port()), Addr: peer.As4()}); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("no way from %s to the client at %s, is that its address? %w", at.Addr(), peer, err)
	}
	return fd, nil
}

// bindError says what to do when an address cannot be used.
func bindError(at netip.AddrPort, err error) error {
	switch {
	case errors.Is(err, unix.EADDRINUSE):
		return fmt.Errorf("%s:%#x in use: is another adapter running? %w", at.Addr(), at.Port(), err)
	case errors.Is(err, unix.EADDRNOTAVAIL):
		return fmt.Errorf("%s is no address of this machine: add it (ip address add %s/32 dev lo) or choose another: %w", at.Addr(), at.Addr(), err)
	}
	return fmt.Errorf("bind %s:%#x: %w", at.Addr(), at.Port(), err)
}

func (w *wire) watch(fd, index int) error {
	event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(index)}
	if err := unix.EpollCtl(w.poll, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
		return fmt.Errorf("epoll_ctl: %w", err)
	}
	return nil
}

// wait returns an event for each socket on which a datagram waits, after at
// most the timeout, which is in whole milliseconds; a negative one never ends.
func (w *wire) wait(timeout time.Duration) ([]unix.EpollEvent, error) {
	milliseconds := -1
	if timeout >= 0 {
		milliseconds = int(timeout.Milliseconds())
	}
	n, err := unix.EpollWait(w.poll, w.events, milliseconds)
	if err != nil && !errors.Is(err, unix.EINTR) {
		return nil, fmt.Errorf("epoll_wait: %w", err)
	}
	return w.events[:max(n, 0)], nil
}

// receive returns a datagram that waits on a socket, valid until the next
// call. There is none if the error of an earlier send waited there instead:
// the client had closed its port.
func (w *wire) receive(socket int) ([]byte, bool) {
	n, err := unix.Read(w.sockets[socket], w.incoming[:])
	if err != nil {
		return nil, false
	}
	return w.incoming[:n], true
}

// wake makes wait return. It may be called by any goroutine, at any time.
func (w *wire) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.bell >= 0 {
		one := binary.NativeEndian.AppendUint64(nil, 1)
		_, _ = unix.Write(w.bell, one) // full means that it rings already
	}
}

// close closes all sockets. It may be called again.
func (w *wire) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, fd := range slices.Concat(w.sockets, []int{w.poll, w.bell}) {
		if fd >= 0 {
			_ = unix.Close(fd) // nothing was buffered that could be lost
		}
	}
	w.sockets, w.poll, w.bell = nil, -1, -1
}
