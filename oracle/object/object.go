package object

import (
	"bytes"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/transport"
)

// Object holds the members that a Plan read of one structure.
//
// The value methods return a zero value for a member that could not be read
// or that the type does not have; Readable and Outcome tell.
type Object struct {
	// Address of the structure.
	Address oracle.Address

	arrangement *arrangement
	spans       [][]byte
	outcomes    []transport.Outcome
}

// Readable reports whether every member of the plan was read.
func (o *Object) Readable() bool {
	for _, outcome := range o.outcomes {
		if outcome != transport.Success {
			return false
		}
	}
	return o.arrangement != nil
}

// Outcome returns what came of reading a member. For one that was added to
// the plan after the object was read, that is transport.NotRead.
func (o *Object) Outcome(m Member) transport.Outcome {
	if !o.holds(m) {
		return transport.NotRead
	}
	return o.outcomes[o.arrangement.holder[m.index-1]]
}

// holds reports whether the member was in the plan when the object was read.
func (o *Object) holds(m Member) bool {
	return m.Present() && o.arrangement != nil && m.index <= len(o.arrangement.fields)
}

// Bytes returns the bytes of a member as memory has them, nil if it was not
// read. They must not be modified.
func (o *Object) Bytes(m Member) []byte {
	if o.Outcome(m) != transport.Success {
		return nil
	}
	f := o.Field(m)
	i := o.arrangement.holder[m.index-1]
	start := f.Offset - o.arrangement.spans[i].offset
	return o.spans[i][start : start+f.Size : start+f.Size]
}

// Uint returns a member's value without its sign: integers, enumerations,
// booleans, pointers, bit-fields, of up to eight bytes, little-endian.
func (o *Object) Uint(m Member) uint64 {
	b := o.Bytes(m)
	if b == nil {
		return 0
	}
	f := o.Field(m)
	if f.BitSize == 0 {
		return littleEndian(b)
	}
	v := littleEndian(b) >> f.BitShift
	if len(b) > 8 { // a bit-field of more than 56 bits can touch nine bytes
		v |= uint64(b[8]) << (64 - f.BitShift)
	}
	if f.BitSize < 64 {
		v &= 1<<f.BitSize - 1
	}
	return v
}

// Int returns a member's value with its sign extended from the member's
// width, whatever the type says of it.
func (o *Object) Int(m Member) int64 {
	v := o.Uint(m)
	if !o.holds(m) {
		return 0
	}
	f := o.Field(m)
	bits := f.Size * 8
	if f.BitSize != 0 {
		bits = uint64(f.BitSize)
	}
	if bits == 0 || bits >= 64 {
		return int64(v)
	}
	shift := 64 - bits
	return int64(v<<shift) >> shift
}

// Pointer returns a member's value as a virtual address.
func (o *Object) Pointer(m Member) oracle.Address { return oracle.Address(o.Uint(m)) }

// Text returns a character array up to its first NUL.
func (o *Object) Text(m Member) string {
	b := o.Bytes(m)
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// At returns the virtual address of a member inside the structure. The member
// need not have been readable, but must be Present.
func (o *Object) At(m Member) oracle.Address {
	return o.Address + oracle.Address(o.Field(m).Offset)
}

// Field returns where a member lies in the structure. It must be Present.
func (o *Object) Field(m Member) layout.Field { return o.arrangement.fields[m.index-1] }

func littleEndian(b []byte) uint64 {
	var v uint64
	for i := 0; i < len(b) && i < 8; i++ {
		v |= uint64(b[i]) << (8 * i)
	}
	return v
}
