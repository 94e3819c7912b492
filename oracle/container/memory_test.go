package container

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/transport"
)

// memory is a kernel made of 8-byte words. A read succeeds when it lies in
// words that are there.
type memory struct {
	words   map[oracle.Address]uint64
	types   map[string]*layout.Type
	batches int
	// before is called ahead of each batch with its number, from 0, and may
	// change the words.
	before func(batch int, fresh bool)
}

func newMemory() *memory {
	return &memory{words: make(map[oracle.Address]uint64), types: modernTypes()}
}

func (m *memory) set(a oracle.Address, values ...oracle.Address) {
	for i, v := range values {
		m.words[a+oracle.Address(8*i)] = uint64(v)
	}
}

func (m *memory) ReadVirtual(ctx context.Context, reads []oracle.Read) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.before != nil {
		m.before(m.batches, transport.IsFresh(ctx))
	}
	m.batches++
	for i := range reads {
		reads[i].Outcome = m.read(reads[i].Address, reads[i].Data)
	}
	return nil
}

func (m *memory) read(a oracle.Address, data []byte) transport.Outcome {
	for i := range data {
		at := a + oracle.Address(i)
		word, ok := m.words[at&^7]
		if !ok {
			return transport.Unmapped
		}
		data[i] = byte(word >> (8 * (at & 7)))
	}
	return transport.Success
}

func (m *memory) Type(_ context.Context, kind layout.Kind, name string, members ...string) (*layout.Type, error) {
	t, ok := m.types[name]
	if !ok || t.Kind != kind {
		return nil, fmt.Errorf("%s %s: %w", kind, name, layout.ErrUnknownType)
	}
	for _, member := range members {
		if !t.Has(member) {
			return nil, fmt.Errorf("%s %s: %w", kind, name, layout.ErrUnknownType)
		}
	}
	return t, nil
}

var (
	pointerType = &layout.Type{Kind: layout.Pointer, Size: 8}
	byteType    = &layout.Type{Kind: layout.Int, Name: "unsigned char", Size: 1}
)

// pointers makes a structure of nothing but pointers.
func pointers(name string, members ...string) *layout.Type {
	t := &layout.Type{Kind: layout.Struct, Name: name, Size: uint64(8 * len(members))}
	for i, m := range members {
		t.Members = append(t.Members, layout.Member{Name: m, Type: pointerType, Offset: uint64(64 * i)})
	}
	return t
}

// arrayNode makes the node of an extensible array: shift at 0, offset at 1,
// parent at 8, slots at 40.
func arrayNode(name string, slots uint64) *layout.Type {
	return &layout.Type{Kind: layout.Struct, Name: name, Size: 40 + 8*slots, Members: []layout.Member{
		{Name: "shift", Type: byteType},
		{Name: "offset", Type: byteType, Offset: 8},
		{Name: "parent", Type: pointerType, Offset: 64},
		{Name: "slots", Type: &layout.Type{Kind: layout.Array, Elem: pointerType, Count: slots}, Offset: 320},
	}}
}

func modernTypes() map[string]*layout.Type {
	return map[string]*layout.Type{
		"list_head":  pointers("list_head", "next", "prev"),
		"hlist_head": pointers("hlist_head", "first"),
		"hlist_node": pointers("hlist_node", "next", "pprev"),
		"rb_root":    pointers("rb_root", "rb_node"),
		"rb_node":    pointers("rb_node", "__rb_parent_color", "rb_right", "rb_left"),
		"xarray":     pointers("xarray", "xa_lock", "xa_head"),
		"xa_node":    arrayNode("xa_node", 64),
	}
}

const base oracle.Address = 0xffff888000000000

// at returns the address of the i-th object of a test, a page apart.
func at(i int) oracle.Address { return base + oracle.Address(i)*4096 }

// ats returns the addresses of several.
func ats(is ...int) []oracle.Address {
	var all []oracle.Address
	for _, i := range is {
		all = append(all, at(i))
	}
	return all
}

// list links objects into a list; the first is its head.
func (m *memory) list(objects ...oracle.Address) {
	n := len(objects)
	for i, o := range objects {
		m.set(o, objects[(i+1)%n], objects[(i+n-1)%n])
	}
}

// hlist links nodes into a hash chain.
func (m *memory) hlist(head oracle.Address, nodes ...oracle.Address) {
	slot := head
	m.set(head, 0)
	for _, n := range nodes {
		m.set(slot, n)
		m.set(n, 0, slot)
		slot = n
	}
}

// rbtree links nodes, in the order of their keys, into a balanced tree whose
// root hangs in the slot.
func (m *memory) rbtree(slot, parent oracle.Address, nodes ...oracle.Address) {
	if len(nodes) == 0 {
		m.set(slot, 0)
		return
	}
	mid := len(nodes) / 2
	n := nodes[mid]
	m.set(slot, n)
	m.set(n, parent|oracle.Address(mid&1), 0, 0) // any colour
	m.rbtree(n+8, n, nodes[mid+1:]...)
	m.rbtree(n+16, n, nodes[:mid]...)
}

// arrayBuilder lays out an extensible array.
type arrayBuilder struct {
	*memory
	tag  oracle.Address
	next oracle.Address // where the next node goes
}

// node writes a node at a level and returns its tagged address; entries are
// keyed by index relative to the node.
func (b *arrayBuilder) node(shift int, offset uint64, parent oracle.Address, entries map[uint64]oracle.Address) oracle.Address {
	n := b.next
	b.next += 4096
	var head [8]byte
	head[0], head[1] = byte(shift), byte(offset)
	b.words[n] = binary.LittleEndian.Uint64(head[:])
	b.set(n+8, parent, 0, 0, 0)
	below := make(map[uint64]map[uint64]oracle.Address)
	for i := range uint64(64) {
		b.set(n+40+oracle.Address(8*i), 0)
	}
	for index, entry := range entries {
		slot := index >> shift
		if shift == 0 {
			b.set(n+40+oracle.Address(8*slot), entry)
			continue
		}
		if below[slot] == nil {
			below[slot] = make(map[uint64]oracle.Address)
		}
		below[slot][index&(1<<shift-1)] = entry
	}
	for slot, inner := range below {
		b.set(n+40+oracle.Address(8*slot), b.node(shift-6, slot, n, inner))
	}
	return n | b.tag
}
