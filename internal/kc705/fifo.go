package kc705

import "time"

const (
	// fifoWords is the depth of the card's queues, fifoWord the size of a
	// word in bytes.
	fifoWords = 2048
	fifoWord  = 8
)

// fifo is one of the card's queues. It holds a packet until that has left.
type fifo struct {
	packets []packet
	used    int // words
}

type packet struct {
	words  int
	leaves time.Time
}

// room returns how many bytes fit at the given time.
func (f *fifo) room(now time.Time) int {
	gone := 0
	for gone < len(f.packets) && !f.packets[gone].leaves.After(now) {
		f.used -= f.packets[gone].words
		gone++
	}
	f.packets = append(f.packets[:0], f.packets[gone:]...)
	return (fifoWords - f.used) * fifoWord
}

// put adds a packet that leaves at the given time, no earlier than those
// before it.
func (f *fifo) put(bytes int, leaves time.Time) {
	p := packet{(bytes + fifoWord - 1) / fifoWord, leaves}
	f.packets = append(f.packets, p)
	f.used += p.words
}
