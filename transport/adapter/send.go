package adapter

import (
	"encoding/binary"
	"errors"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The kernel takes at most so many segments and bytes at a time
// (UDP_MAX_SEGMENTS of include/linux/udp.h, and the length of an IPv4 packet).
const (
	maxSegments  = 64
	maxSegmented = 65507
)

// send sends all datagrams of a round and returns how many could not be sent.
// A card has no way to wait for a slow network, and neither does this.
func (w *wire) send(o *outbox) (unsent int) {
	for q := o.queue; len(q) > 0; {
		n := 1
		if w.segmented {
			n = segments(q)
		}
		err := w.transmit(o.buf, q[:n])
		switch {
		case err == nil:
		case n > 1 && !errors.Is(err, unix.EAGAIN):
			// A device without checksums in hardware, an old kernel,
			// or an MTU below one datagram: not again.
			w.segmented = false
			continue
		default:
			unsent += n
		}
		q = q[n:]
	}
	return unsent
}

// segments returns how many datagrams at the front of q can be sent as one:
// they lie one behind the other, for the same port, all of the same size but
// for the last, which may be shorter.
func segments(q []datagram) int {
	first := q[0]
	n := 1
	for n < len(q) && n < maxSegments {
		previous, d := q[n-1], q[n]
		if d.socket != first.socket || d.start != previous.end || previous.size() != first.size() ||
			d.size() > first.size() || d.end-first.start > maxSegmented {
			break
		}
		n++
	}
	return n
}

// transmit sends datagrams that segments found to belong together.
func (w *wire) transmit(buf []byte, run []datagram) error {
	fd, payload := w.sockets[run[0].socket], buf[run[0].start:run[len(run)-1].end]
	var control []byte
	if len(run) > 1 {
		control = w.control
		binary.NativeEndian.PutUint16(control[unix.CmsgLen(0):], uint16(run[0].size()))
	}
	_, err := unix.SendmsgN(fd, payload, control, nil, 0)
	if errors.Is(err, unix.ECONNREFUSED) {
		// That is what became of an earlier datagram; this one was not
		// tried yet.
		_, err = unix.SendmsgN(fd, payload, control, nil, 0)
	}
	return err
}

// segmentControl returns a control message with a segment size of 0.
func segmentControl() []byte {
	b := make([]byte, unix.CmsgSpace(2))
	h := (*unix.Cmsghdr)(unsafe.Pointer(&b[0]))
	h.Level = unix.SOL_UDP
	h.Type = unix.UDP_SEGMENT
	h.SetLen(unix.CmsgLen(2))
	return b
}
