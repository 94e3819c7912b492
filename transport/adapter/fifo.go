package adapter

import "github.com/barescope/barescope/transport/tlp"

// fifoWord is how many bytes the card's queues move at a time.
const fifoWord = 8

// overrun puts the datagrams from the one with index first on through a FIFO
// of size bytes. When the card's is full, it ends the packet that it is writing
// and does not begin another until there is room.
func (o *outbox) overrun(first, size int, count *counters) {
	kept := o.queue[:first]
	for _, d := range o.queue[first:] {
		packet := d.size() - tlp.HeaderSize
		room := size &^ (fifoWord - 1)
		switch {
		case room == 0:
			count.overrun.Add(1)
			continue
		case packet > room:
			d.end = d.start + tlp.HeaderSize + room
			count.truncated.Add(1)
		}
		size = room - min(room, (packet+fifoWord-1)&^(fifoWord-1))
		kept = append(kept, d)
	}
	o.queue = kept
}
