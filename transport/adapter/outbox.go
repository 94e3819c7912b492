package adapter

// outbox holds the datagrams of a round until they are sent. Those that were
// added after each other lie behind each other in buf, so that the sender can
// hand a run of them to the kernel as one.
type outbox struct {
	buf   []byte
	queue []datagram
}

// datagram is buf[start:end], to be sent by the socket of a port.
type datagram struct {
	socket     int
	start, end int
}

func (d datagram) size() int { return d.end - d.start }

// close makes a datagram of what was appended to buf since start.
func (o *outbox) close(socket, start int) {
	o.queue = append(o.queue, datagram{socket: socket, start: start, end: len(o.buf)})
}

// reset forgets all datagrams and keeps the memory.
func (o *outbox) reset() {
	o.buf = o.buf[:0]
	o.queue = o.queue[:0]
}
