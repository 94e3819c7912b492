package object

import "slices"

// AtMost makes the plan take at most n reads of each structure, n being 1 or
// more: those that lie nearest to each other are merged, however much lies
// between. It is for large structures whose members are spread widely and of
// which there are many, where bytes cost less than reads.
func (p *Plan) AtMost(n int) {
	p.most = n
	p.arrangement = p.arrangement.merged(n)
}

// merged returns the arrangement with at most n spans; 0 stands for any
// number.
func (a arrangement) merged(n int) arrangement {
	if n < 1 || len(a.spans) <= n {
		return a
	}
	a.spans, a.holder = slices.Clone(a.spans), slices.Clone(a.holder)
	for len(a.spans) > n {
		i := a.nearest()
		gap := a.spans[i+1].offset - a.spans[i].end()
		a.size += gap
		a.spans[i].size += gap + a.spans[i+1].size
		a.spans = slices.Delete(a.spans, i+1, i+2)
		for j, h := range a.holder {
			if h > i {
				a.holder[j] = h - 1
			}
		}
	}
	return a
}

// nearest returns the index of the span behind which the gap is smallest.
func (a arrangement) nearest() int {
	best := 0
	for i := 1; i+1 < len(a.spans); i++ {
		if a.spans[i+1].offset-a.spans[i].end() < a.spans[best+1].offset-a.spans[best].end() {
			best = i
		}
	}
	return best
}
