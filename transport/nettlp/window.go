package nettlp

// window bounds the requested bytes in flight. It grows by one read for every
// window of data that came, and shrinks by what was lost: a few lost
// datagrams in a thousand leave it nearly open, while a card whose queues
// overrun, and lose a good part of each window, closes it within a round trip
// or two.
type window struct {
	size     int // bytes that may be in flight now
	min, max int // one read, and the configured window
	credit   int // bytes that came since it last grew
}

func newWindow(mrrs, limit int) window {
	limit = max(limit, mrrs)
	return window{size: limit, min: mrrs, max: limit}
}

// gain is told of n bytes that came in time.
func (w *window) gain(n int) {
	w.credit += n
	if w.credit >= w.size {
		w.credit -= w.size
		w.size = min(w.size+w.min, w.max)
	}
}

// lose is told of n bytes that did not.
func (w *window) lose(n int) {
	w.size = max(w.size-n, w.min)
	w.credit = 0
}
