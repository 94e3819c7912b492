package walkertest

import (
	"encoding/binary"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
)

// Values are what members of a structure hold, by path: an integer of any
// type or an address, a bool, or the bytes of a string. A member that is not
// named is zero.
type Values map[string]any

// placeAlignment is that of what Reserve hands out: a cache line, as the
// kernel's allocator aligns structures.
const placeAlignment = 64

// Reserve returns the address of unused memory and maps it, all zero.
func (k *Kernel) Reserve(size uint64) oracle.Address {
	a := k.next
	k.next += oracle.Address(align(max(size, 1), placeAlignment))
	k.Write(a, make([]byte, size))
	return a
}

// Place puts a structure at an address of its own.
func (k *Kernel) Place(t *layout.Type, values Values) oracle.Address {
	k.t.Helper()
	a := k.Reserve(t.Size)
	k.Put(t, a, values)
	return a
}

// Put puts a structure at an address, the whole of it.
func (k *Kernel) Put(t *layout.Type, a oracle.Address, values Values) {
	k.t.Helper()
	k.Write(a, make([]byte, t.Size))
	for path, value := range values {
		k.Set(t, a, path, value)
	}
}

// Set changes one member of the structure at an address.
func (k *Kernel) Set(t *layout.Type, a oracle.Address, path string, value any) {
	k.t.Helper()
	f, err := t.Field(path)
	if err != nil {
		k.t.Fatalf("set: %v", err)
	}
	data := make([]byte, f.Size)
	if s, ok := value.(string); ok {
		if len(s) > len(data) {
			k.t.Fatalf("set %s: %q is longer than %d bytes", path, s, len(data))
		}
		copy(data, s)
	} else {
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], k.word(path, value))
		copy(data, word[:])
	}
	k.Write(a+oracle.Address(f.Offset), data)
}

// word returns a value as an integer of eight bytes.
func (k *Kernel) word(path string, value any) uint64 {
	k.t.Helper()
	switch v := value.(type) {
	case bool:
		if v {
			return 1
		}
		return 0
	case int:
		return uint64(v)
	case int64:
		return uint64(v)
	case uint64:
		return v
	case oracle.Address:
		return uint64(v)
	}
	k.t.Fatalf("set %s: no value of type %T", path, value)
	return 0
}

// Offset returns where a member lies in a structure, in bytes.
func (k *Kernel) Offset(t *layout.Type, path string) oracle.Address {
	k.t.Helper()
	f, err := t.Field(path)
	if err != nil {
		k.t.Fatalf("offset: %v", err)
	}
	return oracle.Address(f.Offset)
}

// Text puts a string with its NUL at an address of its own.
func (k *Kernel) Text(s string) oracle.Address {
	a := k.Reserve(uint64(len(s) + 1))
	k.Write(a, []byte(s))
	return a
}

// Words writes consecutive words of eight bytes.
func (k *Kernel) Words(a oracle.Address, words ...oracle.Address) {
	data := make([]byte, 0, 8*len(words))
	for _, w := range words {
		data = binary.LittleEndian.AppendUint64(data, uint64(w))
	}
	k.Write(a, data)
}
