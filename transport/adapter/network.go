package adapter

import "math/rand/v2"

// reorderReach is how far apart two datagrams can be that change places.
const reorderReach = 8

// network is one that loses, repeats and reorders datagrams.
type network struct {
	loss, duplicate, reorder float64
	random                   *rand.Rand
	count                    *counters
}

func newNetwork(o *Options, count *counters) network {
	return network{
		loss: o.Loss, duplicate: o.Duplicate, reorder: o.Reorder,
		random: rand.New(rand.NewPCG(o.Seed, 0)),
		count:  count,
	}
}

// happens draws lots. What is impossible does not, so that each option's
// sequence is the same whether others are in use.
func (n *network) happens(probability float64) bool {
	return probability > 0 && n.random.Float64() < probability
}

// loses reports whether a datagram is lost.
func (n *network) loses() bool {
	if !n.happens(n.loss) {
		return false
	}
	n.count.lost.Add(1)
	return true
}

// pass does to the datagrams of a round what the network does.
func (n *network) pass(o *outbox) {
	arrived := len(o.queue)
	for _, d := range o.queue[:arrived] {
		if n.loses() {
			continue
		}
		o.queue = append(o.queue, d)
		if n.happens(n.duplicate) {
			n.count.duplicated.Add(1)
			o.queue = append(o.queue, d)
		}
	}
	o.queue = append(o.queue[:0], o.queue[arrived:]...)
	for i := range len(o.queue) - 1 {
		if n.happens(n.reorder) {
			n.count.reordered.Add(1)
			j := i + 1 + n.random.IntN(min(reorderReach, len(o.queue)-1-i))
			o.queue[i], o.queue[j] = o.queue[j], o.queue[i]
		}
	}
}
