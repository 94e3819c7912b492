package nettlp

import (
	"math/bits"

	"github.com/barescope/barescope/transport"
)

// lineSize is the smallest read completion boundary there is, in bytes: a
// completion that is not the last one ends at a multiple of it (PCI Express
// 3.0, section 2.3.1.1).
const lineSize = 64

// lines is a set of the lines that a read touches; bit 0 is the first one. A
// read stays inside a page, so 64 bits are enough.
type lines uint64

// linesOf returns the lines of the bytes [offset, offset+length) of a read at
// address. Length is at least 1.
func linesOf(address transport.Address, offset, length int) lines {
	head := int(address % lineSize)
	first, last := (head+offset)/lineSize, (head+offset+length-1)/lineSize
	return ^lines(0) << first & (^lines(0) >> (63 - last))
}

// atBoundaries reports whether the bytes [offset, offset+length) of a read of
// total bytes at address begin and end at a line, or where the read does.
func atBoundaries(address transport.Address, offset, length, total int) bool {
	start := (uint64(address) + uint64(offset)) % lineSize
	end := (uint64(address) + uint64(offset) + uint64(length)) % lineSize
	return (offset == 0 || start == 0) && (offset+length == total || end == 0)
}

// firstRun returns the first run of adjacent lines of the set, as bytes of a
// read of total bytes at address, and the set without them. The set is not
// empty.
func (l lines) firstRun(address transport.Address, total int) (offset, length int, rest lines) {
	head := int(address % lineSize)
	first := bits.TrailingZeros64(uint64(l))
	count := bits.TrailingZeros64(^(uint64(l) >> first))
	offset = max(first*lineSize-head, 0)
	end := min((first+count)*lineSize-head, total)
	return offset, end - offset, l &^ linesOf(address, offset, end-offset)
}
