package nettlp

import (
	"encoding/binary"
	"errors"
	"net"

	"golang.org/x/sys/unix"
)

// maxDatagrams is the most that one receive call returns, in bytes.
const maxDatagrams = 64 << 10

// receive hands what comes to a tag's socket to r, until the socket is closed.
func receive(r Receiver, tag uint8, conn *net.UDPConn) {
	buffer := make([]byte, maxDatagrams)
	control := make([]byte, unix.CmsgSpace(4))
	for {
		n, controlled, _, _, err := conn.ReadMsgUDPAddrPort(buffer, control)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // ICMP: port, host or network unreachable
			r.Refused(tag)
		default:
			r.Receive(tag, buffer[:n], datagramSize(control[:controlled], n))
		}
	}
}

// datagramSize returns the size of each of the datagrams that one receive
// call returned, or total if there is but one.
func datagramSize(control []byte, total int) int {
	for len(control) > 0 {
		header, data, rest, err := unix.ParseOneSocketControlMessage(control)
		if err != nil {
			break
		}
		if header.Level == unix.SOL_UDP && header.Type == unix.UDP_GRO && len(data) >= 4 {
			return int(binary.NativeEndian.Uint32(data))
		}
		control = rest
	}
	return total
}
