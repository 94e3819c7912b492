package nettlp

import (
	"time"

	"github.com/barescope/barescope/transport/tlp"
)

// slotState is what a tag is used for.
type slotState uint8

const (
	// idle: the tag can be used, and nothing is to be received with it.
	idle slotState = iota
	// asked: a request is out, its data is wanted.
	asked
	// quarantined: a request is out, its data is not wanted any more.
	quarantined
)

// slot is the state of one tag.
type slot struct {
	state slotState
	read  tlp.MemoryRead
	sent  time.Time
	// deadline is when a tag that was asked with gives up, or when one in
	// quarantine may be used again whatever happened.
	deadline time.Time
	// missing are the lines that did not come yet, awaited their bytes.
	missing lines
	awaited int
	// ended is set when the read's last completion came; those before it,
	// which were sent earlier, are lost or overtaken.
	ended bool
	// fenced is set if a datagram had come before the request went out,
	// and fence is its number: an answer has a later one.
	fenced bool
	fence  uint16

	// Only when asked:

	batch *batch
	part  part
	data  []byte // where the part's data goes
}

// strike takes lines out of what is missing, and returns how many bytes those
// are that were.
func (s *slot) strike(came lines) int {
	before := s.awaited
	s.missing &^= came
	s.awaited = 0
	for rest := s.missing; rest != 0; {
		var length int
		_, length, rest = rest.firstRun(s.read.Address, s.read.Length)
		s.awaited += length
	}
	return before - s.awaited
}

// queue holds tags that are idle, the one that rested longest first.
type queue struct {
	ring    [tlp.MaxTags]uint8
	head, n int
}

func (q *queue) push(tag uint8) {
	q.ring[(q.head+q.n)%len(q.ring)] = tag
	q.n++
}

// pushFirst adds a tag that rested longer than all others.
func (q *queue) pushFirst(tag uint8) {
	q.head = (q.head + len(q.ring) - 1) % len(q.ring)
	q.ring[q.head] = tag
	q.n++
}

// pop removes the tag that rested longest. The queue is not empty.
func (q *queue) pop() uint8 {
	tag := q.ring[q.head]
	q.head = (q.head + 1) % len(q.ring)
	q.n--
	return tag
}
