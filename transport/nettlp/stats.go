package nettlp

import "time"

// Stats counts what went over the link since Dial.
type Stats struct {
	// Requests is the number of requests sent, repetitions included.
	Requests uint64
	// Completions is the number of completions that were used, Bytes their
	// data.
	Completions, Bytes uint64
	// Retries is the number of requests for what an earlier one had not
	// brought, Timeouts the number of requests whose time was up.
	Retries, Timeouts uint64
	// Refused is the number of requests that the far end's host rejected by
	// ICMP, or that could not be sent.
	Refused uint64
	// Late is the number of completions of tags in quarantine.
	Late uint64
	// Duplicates is the number of completions that brought nothing new.
	Duplicates uint64
	// Missing is the number of TLPs that the card sent, by its own count,
	// and that were not received. Those that go to the target's own CPUs
	// are among them.
	Missing uint64
	// Discarded counts datagrams that were not used, by reason.
	Discarded Discards
	// Window is how many requested bytes may be on their way now.
	Window int
	// RoundTrip is the smoothed time from request to last completion.
	RoundTrip time.Duration
}

// Discards counts datagrams by the reason why they were discarded.
type Discards struct {
	// Malformed: cut short, longer than it says, or contradictory.
	Malformed uint64
	// OtherKind: a TLP that is not a completion.
	OtherKind uint64
	// WrongTag: a completion for a tag of another port.
	WrongTag uint64
	// WrongRequester: a completion for another requester id.
	WrongRequester uint64
	// WrongPlace: byte count or lower address do not fit the request.
	WrongPlace uint64
	// WrongLength: data that ends neither at a read completion boundary
	// nor at the end of the read.
	WrongLength uint64
	// Stale: numbered before the request could have been answered.
	Stale uint64
	// Unexpected: nothing was asked for with this tag.
	Unexpected uint64
}
