package nettlp

// sequenceSpan is how far back a datagram's number is remembered.
const sequenceSpan = 4096

// sequence follows the number that the card gives to every TLP it sends, on
// whatever port. It tells repeated datagrams, and counts those that never came.
// TLPs that the target's own CPUs exchange with the card count as missing,
// since they go to other ports.
type sequence struct {
	started bool
	newest  uint16
	seen    [sequenceSpan / 64]uint64 // of the numbers up to newest
	missing uint64
}

// observe takes note of a number and reports whether it came before.
func (s *sequence) observe(n uint16) (repeated bool) {
	ahead := int(int16(n - s.newest)) // the counter wraps at 2^16
	switch {
	case !s.started:
		s.started, s.newest = true, n
	case ahead > 0:
		s.forget(ahead)
		s.missing += uint64(ahead - 1)
		s.newest = n
	case ahead <= -sequenceSpan:
		return false
	case s.test(n):
		return true
	case s.missing > 0:
		s.missing--
	}
	s.seen[n%sequenceSpan/64] |= 1 << (n % 64)
	return false
}

func (s *sequence) test(n uint16) bool {
	return s.seen[n%sequenceSpan/64]>>(n%64)&1 != 0
}

// forget makes room for count numbers behind the newest.
func (s *sequence) forget(count int) {
	if count >= sequenceSpan {
		clear(s.seen[:])
		return
	}
	for i := range uint16(count) {
		n := s.newest + 1 + i
		s.seen[n%sequenceSpan/64] &^= 1 << (n % 64)
	}
}

// precedes reports whether n was given out no later than the number newest.
func precedes(n, newest uint16) bool { return int16(n-newest) <= 0 }
