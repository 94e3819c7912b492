package nettlp

import "time"

const (
	// minTimeout is the shortest wait for an answer. It is far above the
	// 12 us that a card takes, since what gets delayed is not the link but
	// the processes at its ends; asking too early only costs a request.
	minTimeout = 2 * time.Millisecond
	// minGrace is the shortest wait for a completion that others overtook.
	minGrace = time.Millisecond
	// backoff is how much longer the wait is with each attempt. The first
	// repetition comes soon, for loss is likelier than delay; the last ones
	// bear with a link that stands still for a second.
	backoff = 4
)

// roundTrip estimates how long an answer takes, as RFC 6298 does. Every
// attempt has a tag of its own, hence each answer is a valid sample.
type roundTrip struct {
	mean, deviation time.Duration // zero before the first sample
	limit           time.Duration // the longest timeout
}

func (r *roundTrip) sample(d time.Duration) {
	d = max(d, time.Nanosecond)
	if r.mean == 0 {
		r.mean, r.deviation = d, d/2
		return
	}
	r.deviation += ((d - r.mean).Abs() - r.deviation) / 4
	r.mean += (d - r.mean) / 8
}

// expected is how long nearly every answer takes at most.
func (r *roundTrip) expected() time.Duration { return r.mean + 4*r.deviation }

// timeout is how long to wait for the answer to an attempt, the first being 0.
func (r *roundTrip) timeout(attempt int) time.Duration {
	if r.mean == 0 {
		return r.limit
	}
	d := max(r.expected(), minTimeout)
	for ; attempt > 0 && d < r.limit; attempt-- {
		d *= backoff
	}
	return min(d, r.limit)
}

// grace is how long to wait for completions once a later one of the same read
// came.
func (r *roundTrip) grace() time.Duration {
	return min(max(r.expected(), minGrace), r.timeout(0))
}

// rest is how much younger an answered request must be than one that was not
// answered, to show that the card is done with that. It bounds by how much the
// card answers out of order, which root complexes do by microseconds; for how
// long the network delays what the card has numbered does not matter.
func (r *roundTrip) rest() time.Duration { return 5 * r.timeout(0) }

// quarantine is how long a tag rests when there is no other sign.
func (r *roundTrip) quarantine() time.Duration { return 4 * r.limit }
