package kc705

import (
	"math/rand/v2"
	"time"
)

// What the card takes, as fitted to what NetTLP's authors measured with MRRS
// 512 and completions of 256 bytes at most.
const (
	// Carrying out reads of 16 bytes at 1.12 million, of 256 bytes at 1.01
	// million and of 512 bytes at 0.87 million a second is what 16 threads
	// got at most: a time for each request, each completion and each byte.
	requestTime    = 840 * time.Nanosecond
	completionTime = 50 * time.Nanosecond
	bytesTime      = 2 * time.Nanosecond // for every 5 bytes

	// One read of up to 256 bytes alone took 12 us in the median, one of
	// 512, hence with a second completion, 14: that is the time below,
	// and what the card and the wires take.
	latency       = 10810 * time.Nanosecond
	secondLatency = 1430 * time.Nanosecond
	// Half of the width of the bulk of the latencies.
	jitter = 250 * time.Nanosecond
	// One read in a hundred took longer than 24 to 26 us.
	tailShare              = 0.02
	tailShortest, tailLong = 22200 * time.Nanosecond, 26200 * time.Nanosecond
)

// serviceTime is for how long the card is busy with a read.
func serviceTime(bytes, completions int) time.Duration {
	return requestTime + time.Duration(completions)*completionTime + pacing(bytes)
}

// pacing is how long the card takes to hand over so many bytes.
func pacing(bytes int) time.Duration { return time.Duration(bytes) * bytesTime / 5 }

// delay draws how long the host takes to answer a read.
func delay(random *rand.Rand, completions int) time.Duration {
	if random.Float64() < tailShare {
		return tailShortest + time.Duration(random.Int64N(int64(tailLong-tailShortest)))
	}
	d := latency - jitter + time.Duration(random.Int64N(int64(2*jitter)))
	if completions > 1 {
		d += secondLatency
	}
	return d
}
