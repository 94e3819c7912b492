package kallsyms

import (
	"hash/maphash"
	"iter"
	"math/bits"
	"sort"

	"github.com/barescope/barescope/oracle"
)

// Table is a kernel's symbol table, in the order of addresses. Symbols of
// modules are not in it. It is not modified once parsed.
type Table struct {
	// names holds all symbols' names without separators, each with its type
	// in front; ends[i] is where symbol i ends.
	names string
	ends  []uint32

	addresses []oracle.Address

	// first[hash] is a symbol's number plus one, next[number] that of the
	// next symbol of the same hash: a map of 200,000 strings takes longer to
	// fill than all the rest of parsing.
	seed  maphash.Seed
	first []uint32
	next  []uint32
}

// Len returns the number of symbols.
func (t *Table) Len() int { return len(t.ends) }

// Symbol returns the first symbol of a name.
func (t *Table) Symbol(name string) (oracle.Symbol, bool) {
	for i := range t.named(name) {
		return t.at(i), true
	}
	return oracle.Symbol{}, false
}

// Lookup returns all symbols of a name by ascending address: static functions
// and variables of different files can share one. It returns nil when there
// is none.
func (t *Table) Lookup(name string) []oracle.Symbol {
	var found []oracle.Symbol
	for i := range t.named(name) {
		found = append(found, t.at(i))
	}
	return found
}

// All returns every symbol by ascending address.
func (t *Table) All() iter.Seq[oracle.Symbol] {
	return func(yield func(oracle.Symbol) bool) {
		for i := range t.ends {
			if !yield(t.at(i)) {
				return
			}
		}
	}
}

// Nearest returns the symbol at an address or the nearest below it, the first
// of several there, and how many bytes the address lies behind it. The table
// does not know how long what a symbol names is.
func (t *Table) Nearest(a oracle.Address) (symbol oracle.Symbol, offset uint64, ok bool) {
	behind := sort.Search(len(t.addresses), func(i int) bool { return t.addresses[i] > a })
	if behind == 0 {
		return oracle.Symbol{}, 0, false
	}
	at := t.addresses[behind-1]
	i := sort.Search(behind, func(i int) bool { return t.addresses[i] >= at })
	return t.at(i), uint64(a - at), true
}

// at returns a symbol by number.
func (t *Table) at(i int) oracle.Symbol {
	s := t.text(i)
	return oracle.Symbol{Name: s[1:], Address: t.addresses[i], Type: s[0]}
}

// text returns type and name of a symbol.
func (t *Table) text(i int) string {
	if i == 0 {
		return t.names[:t.ends[0]]
	}
	return t.names[t.ends[i-1]:t.ends[i]]
}

// index fills first and next. It goes from the end, so that symbols of one
// name are found in their order.
func (t *Table) index() {
	t.seed = maphash.MakeSeed()
	t.first = make([]uint32, 1<<bits.Len(uint(len(t.ends))))
	t.next = make([]uint32, len(t.ends))
	for i := len(t.ends) - 1; i >= 0; i-- {
		h := t.hash(t.text(i)[1:])
		t.next[i], t.first[h] = t.first[h], uint32(i+1)
	}
}

func (t *Table) hash(name string) uint64 {
	return maphash.String(t.seed, name) & uint64(len(t.first)-1)
}

// named returns the numbers of the symbols of a name.
func (t *Table) named(name string) iter.Seq[int] {
	return func(yield func(int) bool) {
		if len(t.first) == 0 {
			return
		}
		for n := t.first[t.hash(name)]; n != 0; n = t.next[n-1] {
			if i := int(n - 1); t.text(i)[1:] == name && !yield(i) {
				return
			}
		}
	}
}
