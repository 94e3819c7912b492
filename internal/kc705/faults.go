package kc705

import (
	"math/rand/v2"
	"time"
)

// Faults says how bad the network is. All are probabilities from 0 to 1; the
// zero value is a good network.
type Faults struct {
	// Loss is that of a datagram to be lost, on its way in or out.
	Loss float64
	// Duplicate is that of a completion, Repeat that of a request to come
	// twice. The host takes as long for the second read as for the first:
	// it is for the same line of memory, and right behind it.
	Duplicate, Repeat float64
	// Late is that of a completion to be delayed by up to 100 ms; nine in
	// ten of those by up to 100 us, which just changes their order.
	Late float64
}

// longDelay is well above the time after which clients use a tag again that
// had no answer.
const longDelay = 100 * time.Millisecond

func happens(random *rand.Rand, probability float64) bool {
	return probability > 0 && random.Float64() < probability
}

// lateness draws by how much a completion is delayed.
func (f *Faults) lateness(random *rand.Rand) time.Duration {
	if !happens(random, f.Late) {
		return 0
	}
	d := time.Duration(random.Int64N(int64(longDelay)))
	if happens(random, 0.9) {
		d /= 1000
	}
	return d
}
