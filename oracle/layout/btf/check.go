package btf

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// maxLinks bounds the types that refer to other types. The library follows
// references by recursion, at up to 2.5 KB of stack each, and a Go program
// that exhausts its gigabyte of stack dies without a chance to recover: 400 k
// types in a chain do that. Distributions' kernels have 46 k to 68 k.
const maxLinks = 200_000

// The kinds of records, BTF_KIND_* of include/uapi/linux/btf.h.
const (
	kindInt = iota + 1
	kindPointer
	kindArray
	kindStruct
	kindUnion
	kindEnum
	kindForward
	kindTypedef
	kindVolatile
	kindConst
	kindRestrict
	kindFunc
	kindFuncProto
	kindVar
	kindDatasec
	kindFloat
	kindDeclTag
	kindTypeTag
	kindEnum64
	kinds
)

// recordSize is the size of what every record begins with: the offset of its
// name, kind and count, and a size or a reference.
const recordSize = 12

// shape says what follows the first 12 bytes of a record of one kind.
type shape struct {
	// fixed bytes, and bytes for each of the record's elements.
	fixed, each int
	// refers is set when the record's last word is a reference.
	refers bool
	// references at these offsets into fixed or into each element.
	references []int
	// named is set when each element begins with the offset of a name.
	named bool
	// mentions is set when functions and variables, which are no types,
	// may be referred to.
	mentions bool
}

var shapes = [kinds]shape{
	kindInt:       {fixed: 4},
	kindPointer:   {refers: true},
	kindArray:     {fixed: 12, references: []int{0, 4}},
	kindStruct:    {each: 12, references: []int{4}, named: true},
	kindUnion:     {each: 12, references: []int{4}, named: true},
	kindEnum:      {each: 8, named: true},
	kindForward:   {},
	kindTypedef:   {refers: true},
	kindVolatile:  {refers: true},
	kindConst:     {refers: true},
	kindRestrict:  {refers: true},
	kindFunc:      {refers: true},
	kindFuncProto: {each: 8, refers: true, references: []int{4}, named: true},
	kindVar:       {fixed: 4, refers: true},
	kindDatasec:   {each: 12, references: []int{0}, mentions: true},
	kindFloat:     {},
	kindDeclTag:   {fixed: 4, refers: true, mentions: true},
	kindTypeTag:   {refers: true},
	kindEnum64:    {each: 12, named: true},
}

// record is one type of a blob.
type record struct {
	kind     uint8
	elements int
	data     []byte
}

// extent is what later BTF, split off from this, has to know of it.
type extent struct {
	// kinds of the records by ID; ID 0 is void.
	kinds []uint8
	// links is the number of types that refer to others, textSize that of
	// the bytes of names.
	links    int
	textSize uint64
}

// checker looks over all records of a blob, so that decoding any one of them
// later cannot fail half-way, nor recurse without bound.
type checker struct {
	extent
	base  extent
	texts []byte
}

// check returns the extent of a blob that continues base, which has void alone
// for a blob of its own. The error wraps layout.ErrMalformed when the records
// are cut off, of an unknown kind, too many, or refer to what is not there.
func check(types, texts []byte, base extent) (extent, error) {
	c := checker{base: base, texts: texts, extent: extent{
		kinds: slices.Clone(base.kinds), links: base.links, textSize: base.textSize + uint64(len(texts)),
	}}
	for rest := types; len(rest) > 0; {
		r, err := next(rest)
		if err != nil {
			return extent{}, fmt.Errorf("BTF type %d: %w", len(c.kinds), err)
		}
		s := &shapes[r.kind]
		if isType(r.kind) && (s.refers || s.references != nil) {
			c.links++
		}
		c.kinds = append(c.kinds, r.kind)
		rest = rest[len(r.data):]
	}
	if c.links > maxLinks {
		return extent{}, malformed("BTF with %d linked types", c.links)
	}
	return c.extent, c.references(types)
}

// references checks the references and names of all records.
func (c *checker) references(types []byte) error {
	for id := len(c.base.kinds); len(types) > 0; id++ {
		r, err := next(types)
		if err == nil {
			err = c.record(r)
		}
		if err != nil {
			return fmt.Errorf("BTF type %d: %w", id, err)
		}
		types = types[len(r.data):]
	}
	return nil
}

// next returns the first of some records.
func next(types []byte) (record, error) {
	if len(types) < recordSize {
		return record{}, malformed("cut off")
	}
	info := binary.LittleEndian.Uint32(types[4:])
	r := record{kind: uint8(info >> 24 & 0x1f), elements: int(info & 0xffff)}
	if r.kind == 0 || r.kind >= kinds {
		return record{}, malformed("of unknown kind %d", r.kind)
	}
	s := &shapes[r.kind]
	size := recordSize + s.fixed + s.each*r.elements
	if size > len(types) {
		return record{}, malformed("cut off")
	}
	r.data = types[:size]
	return r, nil
}

// record checks the references and names of one record.
func (c *checker) record(r record) error {
	s, order := &shapes[r.kind], binary.LittleEndian
	if s.refers && !c.refers(s, order.Uint32(r.data[8:])) {
		return malformed("refers to type %d", order.Uint32(r.data[8:]))
	}
	if !c.isText(order.Uint32(r.data)) {
		return malformed("name at %d", order.Uint32(r.data))
	}
	size, n := s.each, r.elements
	if s.fixed != 0 {
		size, n = s.fixed, 1
	}
	for i := range n {
		element := r.data[recordSize+i*size:]
		for _, offset := range s.references {
			if id := order.Uint32(element[offset:]); !c.refers(s, id) {
				return malformed("refers to type %d", id)
			}
		}
		if s.named && !c.isText(order.Uint32(element)) {
			return malformed("name at %d", order.Uint32(element))
		}
	}
	return nil
}

// refers reports whether a record of shape s may refer to a type.
func (c *checker) refers(s *shape, id uint32) bool {
	if uint64(id) >= uint64(len(c.kinds)) {
		return false
	}
	kind := c.kinds[id]
	return isType(kind) || s.mentions && (kind == kindFunc || kind == kindVar)
}

// isType reports whether records of a kind are C types, which others may be
// made of.
func isType(kind uint8) bool {
	return kind != kindFunc && kind != kindVar && kind != kindDatasec && kind != kindDeclTag
}

// isText reports whether a string begins at an offset. Of the base's strings
// that is not known here; the library looks when it needs one.
func (c *checker) isText(offset uint32) bool {
	if offset == 0 || uint64(offset) < c.base.textSize {
		return true
	}
	own := uint64(offset) - c.base.textSize
	return own < uint64(len(c.texts)) && (own == 0 || c.texts[own-1] == 0)
}
