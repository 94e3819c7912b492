package adapter

import (
	"time"

	"github.com/barescope/barescope/transport/tlp"
)

// maxWaiting is how many reads can wait to be carried out. A client has one
// outstanding read per tag; the rest is room for one that does not keep to it.
const maxWaiting = 4 * tlp.MaxTags

// request is a read that is carried out when it is due.
type request struct {
	read tlp.MemoryRead
	due  time.Duration // on the card's clock
}

// delay is the queue of reads that wait, in the order in which they arrived.
// The latency is the same for all, so they become due in this order, too.
type delay struct {
	ring  [maxWaiting]request
	head  int
	count int
}

// push appends a request, and reports whether there was room for it.
func (d *delay) push(r request) bool {
	if d.count == len(d.ring) {
		return false
	}
	d.ring[(d.head+d.count)%len(d.ring)] = r
	d.count++
	return true
}

// pop removes the first request, if there is one that is due.
func (d *delay) pop(now time.Duration) (tlp.MemoryRead, bool) {
	if d.count == 0 || d.ring[d.head].due > now {
		return tlp.MemoryRead{}, false
	}
	r := d.ring[d.head].read
	d.head = (d.head + 1) % len(d.ring)
	d.count--
	return r, true
}

// pause returns how long nothing will be due, or -1 if nothing waits at all.
// It is a whole number of milliseconds, 0 for less than one.
func (d *delay) pause(now time.Duration) time.Duration {
	if d.count == 0 {
		return -1
	}
	return max(0, d.ring[d.head].due-now).Truncate(time.Millisecond)
}
