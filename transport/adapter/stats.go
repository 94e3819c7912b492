package adapter

import "sync/atomic"

// Stats count what an adapter did since it was made.
type Stats struct {
	// Requests is how many memory reads arrived, Bytes how many bytes of
	// the target were sent in answer to them, in Completions packets.
	Requests, Bytes, Completions uint64
	// Refused reads were answered with an error, Silent ones not at all.
	Refused, Silent uint64
	// Config counts the requests for the configuration space.
	Config uint64
	// Foreign counts the packets that were no memory reads. Anything but 0
	// means that the client might have changed a real target.
	Foreign uint64
	// Malformed datagrams were no packets at all.
	Malformed uint64
	// Lost, Duplicated and Reordered datagrams met their fate by request.
	Lost, Duplicated, Reordered uint64
	// Truncated completions overran the FIFO, and Overrun ones did not find
	// any room in it.
	Truncated, Overrun uint64
	// Unsent completions were refused by this machine's network.
	Unsent uint64
}

// counters are Stats that one goroutine counts while others look.
type counters struct {
	requests, bytes, completions atomic.Uint64
	refused, silent              atomic.Uint64
	config, foreign, malformed   atomic.Uint64
	lost, duplicated, reordered  atomic.Uint64
	truncated, overrun, unsent   atomic.Uint64
}

func (c *counters) stats() Stats {
	return Stats{
		Requests:    c.requests.Load(),
		Bytes:       c.bytes.Load(),
		Completions: c.completions.Load(),
		Refused:     c.refused.Load(),
		Silent:      c.silent.Load(),
		Config:      c.config.Load(),
		Foreign:     c.foreign.Load(),
		Malformed:   c.malformed.Load(),
		Lost:        c.lost.Load(),
		Duplicated:  c.duplicated.Load(),
		Reordered:   c.reordered.Load(),
		Truncated:   c.truncated.Load(),
		Overrun:     c.overrun.Load(),
		Unsent:      c.unsent.Load(),
	}
}
