package kallsyms

import "bytes"

const (
	// tokenCount is the number of tokens, one for each value of a byte.
	tokenCount = 256
	// indexSize is the size in bytes of the index of tokens.
	indexSize = 2 * tokenCount
	// maxTokenTables bounds how many candidates are looked at: a kernel has one.
	maxTokenTables = 4
)

// digits are ten tokens in a row: every digit occurs in the names of symbols,
// and a character that occurs is the token of its own value.
var digits = []byte("0\x001\x002\x003\x004\x005\x006\x007\x008\x009\x00")

// tokens is a token table with its index.
type tokens struct {
	text [tokenCount][]byte
	// start and end are the offsets of the table and of what is behind its
	// index.
	start, end int
}

// findTokens returns the token tables in d: where the digits are, and an
// index follows that says where each token begins.
func findTokens(d data) []*tokens {
	var found []*tokens
	for at := 0; len(found) < maxTokenTables; at++ {
		i := bytes.Index(d[at:], digits)
		if i < 0 {
			break
		}
		at += i
		if t := tokensAround(d, at); t != nil {
			found = append(found, t)
		}
	}
	return found
}

// tokensAround returns the table whose token "0" lies at an offset, or nil.
func tokensAround(d data, zero int) *tokens {
	end := zero
	for range tokenCount - '0' {
		length := bytes.IndexByte(d[end:min(end+maxName+1, len(d))], 0)
		if length < 0 {
			return nil
		}
		end += length + 1
	}
	// The arrays are aligned to a pointer, or to four bytes in 7.x.
	for _, index := range []int{align(end, 4), align(end, 8)} {
		if t := tokensWithIndex(d, zero, index); t != nil {
			return t
		}
	}
	return nil
}

// tokensWithIndex returns the table whose token "0" and index lie at offsets,
// or nil if the two contradict each other.
func tokensWithIndex(d data, zero, index int) *tokens {
	if !d.has(index, indexSize) {
		return nil
	}
	t := &tokens{start: zero - d.u16(index+2*'0'), end: index + indexSize}
	if t.start < 0 {
		return nil
	}
	at := t.start
	for i := range t.text {
		if at-t.start != d.u16(index+2*i) {
			return nil
		}
		length := bytes.IndexByte(d[at:index], 0)
		if length < 0 {
			return nil
		}
		t.text[i] = d[at : at+length]
		at += length + 1
	}
	return t
}
