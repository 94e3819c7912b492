package nettlp

import (
	"errors"

	"golang.org/x/sys/unix"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/tlp"
)

// pump sends what there is room for, one part of each batch in turn.
func (s *scheduler) pump() {
	for len(s.pending) > 0 {
		s.turn %= len(s.pending)
		b := s.pending[s.turn]
		p, more := b.peek()
		if !more {
			s.settle(b)
			continue
		}
		if !s.room(p.length) {
			return
		}
		b.take(p)
		s.turn++
		s.ask(b, p)
	}
}

// room reports whether n more bytes may be asked for, which needs an idle tag.
// Some are kept back, hence a tag is used again only when as many others were
// answered after it: a second answer to its old request is older than those.
func (s *scheduler) room(n int) bool {
	keep := s.reserve
	switch {
	case s.inFlight == 0:
		keep = 0
	case !s.proven || s.bytesInFlight+n > s.window.size:
		return false
	}
	if s.idle.n <= keep {
		s.reclaim()
	}
	return s.idle.n > keep
}

// ask sends a request for a part. There is an idle tag.
func (s *scheduler) ask(b *batch, p part) {
	tag := s.idle.pop()
	r := &b.reads[p.read]
	address := r.Address + transport.Address(p.offset)
	s.slots[tag] = slot{
		state:    asked,
		read:     tlp.MemoryRead{Requester: s.requester, Tag: tag, Address: address, Length: p.length},
		sent:     s.now,
		deadline: s.now.Add(s.trip.timeout(p.attempt)),
		missing:  linesOf(address, 0, p.length),
		awaited:  p.length,
		fenced:   s.sequence.started,
		fence:    s.sequence.newest,
		batch:    b,
		part:     p,
		data:     r.Data[p.offset : p.offset+p.length],
	}
	b.open++
	s.inFlight++
	s.bytesInFlight += p.length
	s.stats.Requests++
	if p.attempt > 0 {
		s.stats.Retries++
	}
	s.arm(s.slots[tag].deadline)
	if err := s.send(tag); err != nil {
		s.refused(tag)
	}
}

func (s *scheduler) send(tag uint8) error {
	datagram, err := s.slots[tag].read.AppendBinary(tlp.Header{}.Append(s.out[:0]))
	if err != nil {
		return err
	}
	err = s.link.Send(tag, datagram)
	if errors.Is(err, unix.ENOBUFS) {
		return nil // as good as lost on the way
	}
	return err
}

// leave takes a part out of flight; its tag is to be released or quarantined.
func (s *scheduler) leave(sl *slot) {
	s.inFlight--
	s.bytesInFlight -= sl.awaited
	sl.batch.open--
	sl.batch, sl.data = nil, nil
}

// release makes a tag idle that is not in flight.
func (s *scheduler) release(tag uint8) {
	s.slots[tag] = slot{}
	s.idle.push(tag)
}

// rehabilitate makes a tag idle that rested in quarantine. It goes before
// those whose answers have just come.
func (s *scheduler) rehabilitate(tag uint8) {
	s.slots[tag] = slot{}
	s.idle.pushFirst(tag)
}

// quarantine keeps a tag that is not in flight from being used until its
// answer cannot be mistaken for another any more.
func (s *scheduler) quarantine(tag uint8) {
	sl := &s.slots[tag]
	sl.state = quarantined
	sl.deadline = s.now.Add(s.trip.quarantine())
	s.arm(sl.deadline)
}

// reclaim ends the quarantine of tags whose requests are so much older than
// one that was answered that the card must be done with them.
func (s *scheduler) reclaim() {
	rest := s.trip.rest()
	for tag := range s.slots {
		sl := &s.slots[tag]
		if sl.state == quarantined && !s.answered.Before(sl.sent.Add(rest)) {
			s.rehabilitate(uint8(tag))
		}
	}
}
