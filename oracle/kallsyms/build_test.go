package kallsyms

import (
	"encoding/binary"
	"math/rand/v2"
	"strings"

	"github.com/barescope/barescope/oracle"
)

// shape says how a table of a test is laid out; the zero shape is that of
// Debian's 5.10.
type shape struct {
	// after: the addresses stand behind the tokens (6.12), not in front of
	// the number of symbols.
	after bool
	// encoding is one of the labels of sources.
	encoding string
	// wide: markers of 8 bytes (before 4.20).
	wide bool
	// sequences: seqs_of_names between markers and tokens (6.2).
	sequences bool
	// packed: arrays are aligned to 4 bytes (7.x), not to 8.
	packed bool
}

const (
	testBase = oracle.Address(0xffffffffa2c00000)
	testText = oracle.Address(0xffffffffa1a00000)
	// bannerAt is the offset of linux_banner, tableAt of the first array.
	bannerAt = 0x200
	tableAt  = 0x1004
)

// builder writes a symbol table as scripts/kallsyms.c lays one out.
type builder struct {
	shape
	data   []byte
	tokens [tokenCount]string
	long   []int // tokens of several characters
}

// symbols makes n symbols by ascending address. Some names are long, some
// occur twice, and per-CPU ones come first where they count from 0.
func symbols(n int, perCPU bool) []oracle.Symbol {
	var all []oracle.Symbol
	add := func(typ byte, a oracle.Address, name string) {
		all = append(all, oracle.Symbol{Name: name, Address: a, Type: typ})
	}
	if perCPU {
		add('A', 0, "fixed_percpu_data")
		add('A', 0x1a040, "cpu_info")
	}
	add('T', testText, "startup_64")
	add('T', testText, "_stext")
	add('T', testText, "_text")
	for i := range n {
		name := "sys_init_" + strings.Repeat("kallsyms_", i%9) + string(rune('a'+i%26)) + strings.Repeat("7", i%5)
		if i%100 == 50 {
			name = strings.Repeat("Qx", 100) // no token shortens it
		}
		add("tTwW"[i%4], testText+oracle.Address(0x100+i*0x40), name)
	}
	add('T', testText+0x1001d32, "_etext")
	add('D', testBase+bannerAt, "linux_banner")
	add('B', testBase+0x900000, "jiffies_64")
	return all
}

// build returns the read-only data of a kernel with those symbols.
func build(s shape, all []oracle.Symbol) []byte {
	if s.encoding == "" {
		s.encoding = "absolute-percpu"
	}
	b := &builder{shape: s}
	b.chooseTokens()
	b.random(bannerAt)
	b.data = append(b.data, "Linux version 6.1.0 (a kernel of a test)\n\x00"...)
	b.random(tableAt - len(b.data))
	if !s.after {
		b.addresses(all)
	}
	b.align()
	b.u32(uint32(len(all)))
	b.align()
	marks := b.names(all)
	b.markers(marks)
	if s.sequences {
		b.align()
		b.random(3 * len(all))
	}
	b.tokenTable()
	if s.after {
		b.addresses(all)
	}
	b.align()
	b.random(1000)
	return b.data
}

// chooseTokens takes every character for its own token and gives unused
// bytes to what occurs often.
func (b *builder) chooseTokens() {
	for c := '!'; c < 0x7f; c++ {
		b.tokens[c] = string(c)
	}
	for i, text := range []string{"kallsyms_", "sys_", "init_", "Tsys_init_", "77"} {
		at := i + 1
		if i%2 == 1 {
			at += 0xf0
		}
		b.tokens[at] = text
		b.long = append(b.long, at)
	}
}

func (b *builder) align() {
	to := 8
	if b.packed {
		to = 4
	}
	b.data = append(b.data, make([]byte, align(len(b.data), to)-len(b.data))...)
}

// random adds bytes without a NUL or digit, which could pass for something.
func (b *builder) random(n int) {
	r := rand.New(rand.NewPCG(1, uint64(len(b.data))))
	for range n {
		b.data = append(b.data, byte(0x80+r.IntN(0x80)))
	}
}

func (b *builder) u32(v uint32) { b.data = binary.LittleEndian.AppendUint32(b.data, v) }

func (b *builder) u64(v uint64) { b.data = binary.LittleEndian.AppendUint64(b.data, v) }

// names adds the names and returns where each 256th begins.
func (b *builder) names(all []oracle.Symbol) []int {
	start := len(b.data)
	var marks []int
	for i, s := range all {
		if i%256 == 0 {
			marks = append(marks, len(b.data)-start)
		}
		name := b.compress(string(s.Type) + s.Name)
		if n := len(name); n < 128 {
			b.data = append(b.data, byte(n))
		} else {
			b.data = append(b.data, byte(n)|0x80, byte(n>>7))
		}
		b.data = append(b.data, name...)
	}
	return marks
}

// compress takes the longest token each time.
func (b *builder) compress(text string) []byte {
	var name []byte
	for text != "" {
		best := int(text[0])
		for _, i := range b.long {
			if strings.HasPrefix(text, b.tokens[i]) && len(b.tokens[i]) > len(b.tokens[best]) {
				best = i
			}
		}
		name = append(name, byte(best))
		text = text[len(b.tokens[best]):]
	}
	return name
}

func (b *builder) markers(marks []int) {
	b.align()
	for _, m := range marks {
		if b.wide {
			b.u64(uint64(m))
		} else {
			b.u32(uint32(m))
		}
	}
}

func (b *builder) tokenTable() {
	b.align()
	start := len(b.data)
	var index []uint16
	for _, token := range b.tokens {
		index = append(index, uint16(len(b.data)-start))
		b.data = append(append(b.data, token...), 0)
	}
	b.align()
	for _, i := range index {
		b.data = binary.LittleEndian.AppendUint16(b.data, i)
	}
}

func (b *builder) addresses(all []oracle.Symbol) {
	b.align()
	for _, s := range all {
		switch b.encoding {
		case "absolute":
			b.u64(uint64(s.Address))
		case "base-relative":
			b.u32(uint32(s.Address - testText))
		case "absolute-percpu":
			if s.Address < 1<<31 {
				b.u32(uint32(s.Address))
			} else {
				b.u32(uint32(testText - 1 - s.Address))
			}
		case "place-relative":
			b.u32(uint32(s.Address - testBase - oracle.Address(len(b.data))))
		}
	}
	if strings.HasSuffix(b.encoding, "-percpu") || b.encoding == "base-relative" {
		b.data = append(b.data, make([]byte, align(len(b.data), 8)-len(b.data))...)
		b.u64(uint64(testText))
	}
}

// imageOf wraps read-only data as a caller would.
func imageOf(data []byte) Image {
	return Image{Base: testBase, Data: data, Text: testText, TextEnd: testText + 0x1002000}
}
