package kc705

import "time"

const (
	// byteTimes is how long 10 gigabit Ethernet takes for 5 bytes.
	byteTimes = 4 * time.Nanosecond
	// frameOverhead are the bytes around a frame's payload: preamble and
	// start delimiter, addresses and type, check sequence, gap.
	frameOverhead = 8 + 14 + 4 + 12
	// packetOverhead are the headers of IPv4 and UDP.
	packetOverhead = 20 + 8
	// minPayload is what a shorter payload is padded to.
	minPayload = 46
)

// frameBytes is what a datagram takes on the wire.
func frameBytes(datagram int) int { return frameOverhead + max(packetOverhead+datagram, minPayload) }

// line is something that does one thing at a time, in the order of arrival.
type line struct {
	free time.Time // when it is done with what it has
}

// occupy has the line work for d on what arrives at the given time, and
// returns when it is done with it.
func (l *line) occupy(arrival time.Time, d time.Duration) time.Time {
	if l.free.Before(arrival) {
		l.free = arrival
	}
	l.free = l.free.Add(d)
	return l.free
}

// transmit is occupy for a datagram on Ethernet.
func (l *line) transmit(arrival time.Time, datagram int) time.Time {
	return l.occupy(arrival, time.Duration(frameBytes(datagram))*byteTimes/5)
}
