package nettlp

import (
	"errors"
	"time"

	"github.com/barescope/barescope/transport/tlp"
)

// Receive takes datagrams of size bytes each, the last one perhaps shorter,
// that came from the target to a tag's port.
func (s *scheduler) Receive(tag uint8, datagrams []byte, size int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = time.Now()
	for len(datagrams) > size && size > 0 {
		s.datagram(tag, datagrams[:size])
		datagrams = datagrams[size:]
	}
	s.datagram(tag, datagrams)
	s.pump()
}

func (s *scheduler) datagram(tag uint8, datagram []byte) {
	header, packet, err := tlp.DecodeHeader(datagram)
	if err != nil {
		s.stats.Discarded.Malformed++
		return
	}
	repeated := s.sequence.observe(header.Sequence)
	c, err := tlp.DecodeCompletion(packet)
	if err != nil {
		s.undecodable(err)
		return
	}
	sl := &s.slots[tag]
	stale := sl.fenced && precedes(header.Sequence, sl.fence)
	switch {
	case sl.state != idle && !stale:
		s.completion(tag, c)
	case repeated:
		s.stats.Duplicates++
	case stale:
		s.stats.Discarded.Stale++
	default:
		s.stats.Discarded.Unexpected++
	}
}

func (s *scheduler) undecodable(err error) {
	if _, ok := errors.AsType[tlp.KindError](err); ok {
		s.stats.Discarded.OtherKind++
	} else {
		s.stats.Discarded.Malformed++
	}
}

// completion handles one that came to a tag with a request.
func (s *scheduler) completion(tag uint8, c tlp.Completion) {
	sl := &s.slots[tag]
	switch {
	case c.Tag != tag:
		s.stats.Discarded.WrongTag++
	case c.Requester != s.requester:
		s.stats.Discarded.WrongRequester++
	case c.Status != tlp.SC:
		// Where in the read the error is does not matter, and
		// completers fill in the byte count as they please.
		s.hear()
		s.failed(tag, c.Status)
	default:
		offset, err := sl.read.Place(c)
		switch {
		case err != nil:
			s.stats.Discarded.WrongPlace++
		case !atBoundaries(sl.read.Address, offset, len(c.Data), sl.read.Length):
			s.stats.Discarded.WrongLength++
		default:
			s.hear()
			s.arrived(tag, offset, c.Data)
		}
	}
}

// hear takes note of an answer, whichever it is.
func (s *scheduler) hear() {
	s.proven, s.heard, s.quiet = true, s.now, 0
}

// arrived handles data for a tag with a request.
func (s *scheduler) arrived(tag uint8, offset int, data []byte) {
	sl := &s.slots[tag]
	fresh := sl.strike(linesOf(sl.read.Address, offset, len(data)))
	if fresh == 0 {
		s.stats.Duplicates++
		return
	}
	sl.ended = sl.ended || offset+len(data) == sl.read.Length
	if sl.state == quarantined {
		s.stats.Late++
		if sl.ended { // what was to come before is older than any later request
			s.measure(sl)
			s.release(tag)
		}
		return
	}
	copy(sl.data[offset:], data)
	s.bytesInFlight -= fresh
	s.window.gain(fresh)
	s.stats.Completions++
	s.stats.Bytes += uint64(len(data))
	switch {
	case sl.missing == 0:
		s.complete(tag)
	case sl.ended:
		if grace := s.now.Add(s.trip.grace()); grace.Before(sl.deadline) {
			sl.deadline = grace
			s.arm(grace)
		}
	}
}

// complete ends a request that has all of its data.
func (s *scheduler) complete(tag uint8) {
	sl := &s.slots[tag]
	b, p := sl.batch, sl.part
	s.measure(sl)
	s.leave(sl)
	s.release(tag)
	b.came(p.read, p.length)
	s.settle(b)
}

// failed ends a request that was answered with an error.
func (s *scheduler) failed(tag uint8, status tlp.Status) {
	sl := &s.slots[tag]
	s.measure(sl)
	if sl.state == quarantined {
		s.stats.Late++
		s.release(tag)
		return
	}
	b, p := sl.batch, sl.part
	s.stats.Completions++
	s.leave(sl)
	s.release(tag)
	b.fail(p.read, status.Outcome())
	s.settle(b)
}

// measure takes note of how long the answer to a request took.
func (s *scheduler) measure(sl *slot) {
	s.trip.sample(s.now.Sub(sl.sent))
	if sl.sent.After(s.answered) {
		s.answered = sl.sent
	}
}
