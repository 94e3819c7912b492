package kallsyms

import (
	"fmt"
	"strings"
)

const (
	// markerStep is how many symbols there are from marker to marker.
	markerStep = 256
	// minMarkers and maxSymbols are far outside of what kernels have:
	// tens to hundreds of thousands of symbols.
	minMarkers = 4
	maxSymbols = 1 << 21
	// maxName bounds a name with its type: KSYM_NAME_LEN is 512 since 6.1,
	// and was 128.
	maxName = 513
	// maxNames bounds all names together, which take some 6 MiB.
	maxNames = 64 << 20
	// maxSteps bounds the search for the names, in words and names looked
	// at. It took 1.1 million on the kernel with most symbols, a 7.3.
	maxSteps = 1 << 23
)

// names is where the names of a table lie.
type names struct {
	// count is the number of symbols, start the offset of the first name,
	// num that of the word that holds count.
	count, start, num int
}

// markers is a run of words that may be markers.
type markers struct {
	d     data
	start int
	// width of a marker is 4 bytes, or 8 before 4.20.
	width, count int
}

func (m *markers) at(i int) int {
	if m.width == 4 {
		return int(m.d.u32(m.start + 4*i))
	}
	return int(min(m.d.u64(m.start+8*i), 1<<62))
}

// findNames looks for markers and names in front of a token table, nearest
// first.
func findNames(d data, t *tokens) (names, error) {
	steps := maxSteps
	for at := t.start &^ 3; at >= 0 && steps > 0; at -= 4 {
		for _, width := range []int{4, 8} {
			m := markers{d: d[:t.start], start: at, width: width}
			if m.measure(); m.count < minMarkers {
				continue
			}
			if n, ok := m.names(&steps); ok {
				return n, nil
			}
		}
	}
	return names{}, fmt.Errorf("token table at %#x without names: %w", t.start, ErrNotFound)
}

// measure counts the words, from 0 up, that grow as markers do.
func (m *markers) measure() {
	last := 0
	for m.count = 0; m.d.has(m.start+m.width*m.count, m.width); m.count++ {
		word := m.at(m.count)
		if m.count == 0 && word != 0 {
			return
		}
		// A name has a length and a byte at least.
		if m.count > 0 && (word < last+2*markerStep || word > last+(maxName+2)*markerStep) {
			return
		}
		last = word
	}
}

// names looks for the names in front of the markers: where a number of symbols
// stands before them that makes as many markers and as many bytes.
func (m *markers) names(steps *int) (names, bool) {
	first := m.start - m.at(m.count-1) - (maxName+2)*markerStep
	for start := m.start - 4; start >= max(first, 8) && *steps > 0; start -= 4 {
		*steps--
		// The number of symbols is 4 bytes, aligned to 8, or to 4 in 7.x.
		for _, num := range []int{start - 4, start - 8} {
			count := int(m.d.u32(num))
			last := (count - 1) / markerStep
			if count > maxSymbols || last < minMarkers-1 || last >= m.count || start+m.at(last) >= m.start {
				continue
			}
			n := names{count: count, start: start, num: num}
			walked, ok := n.fits(m)
			if *steps -= walked; ok {
				return n, true
			}
		}
	}
	return names{}, false
}

// fits walks the names, holds them against the markers, and returns how many
// it walked.
func (n names) fits(m *markers) (walked int, ok bool) {
	at := n.start
	for i := range n.count {
		if i%markerStep == 0 && at-n.start != m.at(i/markerStep) {
			return i, false
		}
		_, next, ok := nameAt(m.d, at)
		if !ok || next > m.start {
			return i, false
		}
		at = next
	}
	return n.count, m.start-at < 8 // nothing but padding in between
}

// nameAt returns the tokens of the name at an offset, and where the next name
// begins. A length of 128 and more takes two bytes (since 6.1), the low seven
// bits first; before, names were shorter.
func nameAt(d data, at int) (name []byte, next int, ok bool) {
	if !d.has(at, 2) {
		return nil, 0, false
	}
	length := int(d[at])
	at++
	if length&0x80 != 0 {
		length = length&0x7f | int(d[at])<<7
		at++
	}
	if length == 0 || length > maxName || !d.has(at, length) {
		return nil, 0, false
	}
	return d[at : at+length], at + length, true
}

// decode returns a table with all names, but no addresses yet.
func (n names) decode(d data, t *tokens) (*Table, error) {
	var text strings.Builder
	text.Grow(32 * n.count)
	table := &Table{ends: make([]uint32, 0, n.count)}
	at := n.start
	for i := range n.count {
		name, next, ok := nameAt(d, at)
		start := text.Len()
		for _, token := range name {
			text.Write(t.text[token])
			if text.Len()-start > maxName {
				break
			}
		}
		if length := text.Len() - start; !ok || length < 2 || length > maxName || text.Len() > maxNames {
			return nil, fmt.Errorf("symbol %d has no name that one can be: %w", i, ErrNotFound)
		}
		table.ends = append(table.ends, uint32(text.Len()))
		at = next
	}
	table.names = text.String()
	table.index()
	return table, nil
}
