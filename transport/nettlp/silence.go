package nettlp

import (
	"time"

	"github.com/barescope/barescope/transport"
)

// Expire is called by the timer.
func (s *scheduler) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = time.Now()
	s.alarm = time.Time{}
	for tag := range s.slots {
		sl := &s.slots[tag]
		switch {
		case sl.state == idle || sl.deadline.After(s.now):
		case sl.state == quarantined:
			s.rehabilitate(uint8(tag))
		default:
			s.overdue(uint8(tag))
		}
	}
	s.pump()
	for tag := range s.slots {
		if sl := &s.slots[tag]; sl.state != idle {
			s.arm(sl.deadline)
		}
	}
}

// arm sees to it that Expire is called at a deadline.
func (s *scheduler) arm(deadline time.Time) {
	if s.closed == nil && (s.alarm.IsZero() || deadline.Before(s.alarm)) {
		s.alarm = deadline
		s.timer.Reset(deadline.Sub(s.now))
	}
}

// overdue ends a request whose time is up. If its last completion came, what
// is missing was sent earlier still, so that the tag can be used at once.
func (s *scheduler) overdue(tag uint8) {
	sl := &s.slots[tag]
	s.stats.Timeouts++
	b := s.again(sl, sl.part.attempt+1)
	if sl.ended {
		s.release(tag)
	} else {
		s.quarantine(tag)
	}
	s.conclude(b)
}

// Refused takes note that the target's host rejected what came from a tag's
// port.
func (s *scheduler) Refused(tag uint8) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = time.Now()
	s.refused(tag)
	s.pump()
}

// refused ends a request that did not reach a card. While others do, the port
// is one that the far end does not serve: it is left alone for a while, and
// that costs the read no attempt.
func (s *scheduler) refused(tag uint8) {
	sl := &s.slots[tag]
	if sl.state != asked {
		return
	}
	s.stats.Refused++
	alive := s.proven && s.now.Sub(s.heard) < s.trip.limit
	attempt := sl.part.attempt
	if !alive {
		attempt++
	}
	b := s.again(sl, attempt)
	if alive {
		s.quarantine(tag)
		sl.deadline = s.now.Add(s.trip.limit)
		s.arm(sl.deadline)
	} else {
		s.release(tag)
	}
	s.conclude(b)
}

// again takes out of flight what a request did not bring, and puts it back
// into its batch for the given attempt. It returns the batch, to be settled.
func (s *scheduler) again(sl *slot, attempt int) *batch {
	b, p := sl.batch, sl.part
	s.window.lose(sl.awaited)
	s.leave(sl)
	b.came(p.read, p.length-sl.awaited)
	if attempt > s.retries {
		b.fail(p.read, transport.Timeout)
		s.quiet++
		return b
	}
	for rest := sl.missing; rest != 0; {
		q := part{read: p.read, attempt: attempt}
		q.offset, q.length, rest = rest.firstRun(sl.read.Address, sl.read.Length)
		q.offset += p.offset
		b.again = append(b.again, q)
	}
	return b
}

// conclude goes on with a batch after a request brought nothing. If the link
// seems to be dead, it ends all batches and forgets what was known of the link:
// the next batch begins as the first one did.
func (s *scheduler) conclude(b *batch) {
	if s.quiet == 0 || s.proven && s.quiet < patience {
		s.settle(b)
		return
	}
	s.drop(b, errSilence)
	s.dropAll(errSilence)
	s.proven, s.quiet = false, 0
	s.sequence = sequence{missing: s.sequence.missing}
	s.trip = roundTrip{limit: s.trip.limit}
}
