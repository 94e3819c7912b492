package nettlp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/tlp"
)

// receiveBuffer is the size wanted for a socket's receive buffer: the kernel
// charges more than a kilobyte for each datagram, and a page can come in 64.
const receiveBuffer = 1 << 20

// sourceAddress returns the address from which the route to the target leads.
func sourceAddress(target netip.Addr) (netip.Addr, error) {
	conn, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(target, tlp.ReadPort)))
	if err != nil {
		return netip.Addr{}, fmt.Errorf("route to %s: %w: %w", target, transport.ErrNoLink, err)
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap(), nil
}

// openSocket returns a socket that sends from and to a port, and receives only
// what comes from there.
func openSocket(local, target netip.Addr, port uint16) (*net.UDPConn, error) {
	conn, err := net.DialUDP("udp4",
		net.UDPAddrFromAddrPort(netip.AddrPortFrom(local, port)),
		net.UDPAddrFromAddrPort(netip.AddrPortFrom(target, port)))
	switch {
	case errors.Is(err, unix.EADDRINUSE):
		return nil, fmt.Errorf("port %#x of %s is taken, perhaps by another client: %w", port, local, err)
	case errors.Is(err, unix.EADDRNOTAVAIL):
		return nil, fmt.Errorf("%s is no address of this machine: %w: %w", local, transport.ErrBadTarget, err)
	case err != nil:
		return nil, fmt.Errorf("socket for port %#x: %w", port, err)
	}
	return conn, nil
}

// tune enlarges a socket's receive buffer and lets the kernel hand over many
// datagrams at once. Either can fail, which only costs speed.
func tune(conn *net.UDPConn, log zerolog.Logger) {
	err := control(conn, func(fd int) error {
		// Beyond the limit of net.core.rmem_max with CAP_NET_ADMIN only.
		if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, receiveBuffer) == nil {
			return nil
		}
		return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, receiveBuffer)
	})
	if err != nil {
		log.Debug().Err(err).Msg("cannot enlarge a receive buffer")
	}
	err = control(conn, func(fd int) error { // since 5.0
		return unix.SetsockoptInt(fd, unix.SOL_UDP, unix.UDP_GRO, 1)
	})
	if err != nil {
		log.Debug().Err(err).Msg("datagrams are received one by one")
	}
}

func control(conn syscall.Conn, f func(fd int) error) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var result error
	if err := raw.Control(func(fd uintptr) { result = f(int(fd)) }); err != nil {
		return err
	}
	return result
}
