package nettlp

import (
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/barescope/barescope/transport/tlp"
)

// errSilence ends batches when the link is taken for dead. ReadPhysical turns
// it into what a probe then finds.
var errSilence = errors.New("reads get no answer")

// patience is how many reads in a row may go without any answer, all of their
// attempts included, before the link is taken for dead.
const patience = 4

// sender is what a scheduler needs of a Link.
type sender interface {
	Send(tag uint8, datagram []byte) error
}

// scheduler decides what is asked for when, with which tag, and what comes of
// the answers. Methods whose names begin with a capital take the mutex, all
// others want it held and now set.
type scheduler struct {
	mu        sync.Mutex
	link      sender
	requester tlp.ID
	retries   int

	slots   []slot // by tag
	idle    queue
	reserve int      // tags that stay idle, see room
	pending []*batch // batches with parts to ask for
	turn    int      // whose turn it is of pending

	inFlight      int // requests
	bytesInFlight int // bytes of them that did not come yet
	window        window
	trip          roundTrip
	sequence      sequence

	proven   bool      // something was answered
	heard    time.Time // when the last answer came
	answered time.Time // when the youngest request with an answer was sent
	quiet    int       // reads given up since the last answer

	now    time.Time // when the method that holds the mutex began
	timer  *time.Timer
	alarm  time.Time // what timer is set to; zero if it is not
	out    [tlp.HeaderSize + tlp.MaxReadSize]byte
	stats  Stats
	closed error // why no batch is taken any more
}

func newScheduler(link sender, o Options) *scheduler {
	s := &scheduler{
		link:      link,
		requester: o.Requester,
		retries:   o.Retries,
		slots:     make([]slot, o.Tags),
		window:    newWindow(o.MRRS, o.Window),
		trip:      roundTrip{limit: o.Timeout},
	}
	if o.Tags > 1 {
		s.reserve = (o.Tags + 7) / 8
	}
	for tag := range s.slots {
		s.idle.push(uint8(tag))
	}
	s.timer = time.AfterFunc(time.Hour, s.Expire)
	s.timer.Stop()
	return s
}

// Submit starts a batch, whose done is closed at its end.
func (s *scheduler) Submit(b *batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed != nil {
		b.finish(s.closed)
		return
	}
	s.now = time.Now()
	s.settle(b)
	s.pump()
}

// Abandon ends a batch that nobody waits for any more. When it returns,
// nothing writes to the batch's reads.
func (s *scheduler) Abandon(b *batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = time.Now()
	s.drop(b, nil)
	s.pump()
}

// Close ends all batches with err.
func (s *scheduler) Close(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = time.Now()
	s.closed = err
	s.dropAll(err)
	s.timer.Stop()
}

// Stats returns a copy of the counters.
func (s *scheduler) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	stats.Missing = s.sequence.missing
	stats.Window = s.window.size
	stats.RoundTrip = s.trip.mean
	return stats
}

// settle puts a batch that has something to ask for into the queue; one that
// has nothing left to wait for either is done.
func (s *scheduler) settle(b *batch) {
	_, more := b.peek()
	switch {
	case !more:
		s.unqueue(b)
		if b.open == 0 {
			b.finish(nil)
		}
	case !b.queued:
		b.queued = true
		s.pending = append(s.pending, b)
	}
}

func (s *scheduler) unqueue(b *batch) {
	if !b.queued {
		return
	}
	b.queued = false
	i := slices.Index(s.pending, b)
	s.pending = slices.Delete(s.pending, i, i+1)
	if s.turn > i {
		s.turn--
	}
}

// drop ends a batch with err, or silently. Its tags go into quarantine.
func (s *scheduler) drop(b *batch, err error) {
	s.unqueue(b)
	for tag := range s.slots {
		if sl := &s.slots[tag]; sl.batch == b {
			s.leave(sl)
			s.quarantine(uint8(tag))
		}
	}
	b.finish(err)
}

func (s *scheduler) dropAll(err error) {
	for tag := range s.slots {
		if b := s.slots[tag].batch; b != nil {
			s.drop(b, err)
		}
	}
	for len(s.pending) > 0 {
		s.drop(s.pending[0], err)
	}
}
