package btf

import (
	"math/bits"

	cilium "github.com/cilium/ebpf/btf"

	"github.com/barescope/barescope/oracle/layout"
)

// maxDepth bounds how deep a type may be nested; the deepest of
// distributions' kernels are a dozen levels.
const maxDepth = 64

// pointerSize is that of x86-64.
const pointerSize = 8

// conversion is the key of a converted type: a structure looks different when
// it is reached through a pointer, where only a forward is left of it.
type conversion struct {
	typ     cilium.Type
	pointee bool
}

// convert returns a type in terms of layout. A type that contains itself is
// refused: one that is still being converted is in the map as nil.
func (t *Types) convert(c conversion, depth int) (*layout.Type, error) {
	if typ, seen := t.converted[c]; typ != nil {
		return typ, nil
	} else if seen || depth == maxDepth {
		return nil, malformed("%s contains itself or is nested too deep", c.typ)
	}
	t.converted[c] = nil
	typ, err := t.convertNew(c, depth+1)
	if err != nil {
		delete(t.converted, c)
		return nil, err
	}
	t.converted[c] = typ
	return typ, nil
}

func (t *Types) convertNew(c conversion, depth int) (*layout.Type, error) {
	switch v := c.typ.(type) {
	case *cilium.Void:
		return &layout.Type{Kind: layout.Void}, nil
	case *cilium.Int:
		return convertInt(v), nil
	case *cilium.Float:
		return &layout.Type{Kind: layout.Float, Name: v.Name, Size: uint64(v.Size)}, nil
	case *cilium.Enum:
		return convertEnum(v), nil
	case *cilium.Fwd:
		return convertForward(v), nil
	case *cilium.FuncProto:
		return &layout.Type{Kind: layout.Func}, nil
	case *cilium.Pointer:
		return t.convertPointer(v, depth)
	case *cilium.Array:
		return t.convertArray(v, c.pointee, depth)
	case *cilium.Typedef:
		return t.convertTypedef(v, c.pointee, depth)
	case *cilium.Struct:
		return t.convertComposite(layout.Struct, v.Name, v.Size, v.Members, c.pointee, depth)
	case *cilium.Union:
		return t.convertComposite(layout.Union, v.Name, v.Size, v.Members, c.pointee, depth)
	case *cilium.Const:
		return t.convert(conversion{v.Type, c.pointee}, depth)
	case *cilium.Volatile:
		return t.convert(conversion{v.Type, c.pointee}, depth)
	case *cilium.Restrict:
		return t.convert(conversion{v.Type, c.pointee}, depth)
	case *cilium.TypeTag:
		return t.convert(conversion{v.Type, c.pointee}, depth)
	}
	return nil, malformed("%s is no type", c.typ)
}

func convertInt(v *cilium.Int) *layout.Type {
	return &layout.Type{
		Kind: layout.Int, Name: v.Name, Size: uint64(v.Size),
		// In the format these are flags, though the library's are not.
		Signed: v.Encoding&cilium.Signed != 0,
		Char:   v.Encoding&cilium.Char != 0,
		Bool:   v.Encoding&cilium.Bool != 0,
	}
}

// convertEnum leaves the sign to the blob. Before 6.0 BTF did not tell signed
// enumerations: their negative values read as large ones.
func convertEnum(v *cilium.Enum) *layout.Type {
	e := &layout.Type{Kind: layout.Enum, Name: v.Name, Size: uint64(v.Size), Signed: v.Signed}
	for _, value := range v.Values {
		e.Values = append(e.Values, layout.EnumValue{Name: value.Name, Value: int64(value.Value)})
	}
	return e
}

func convertForward(v *cilium.Fwd) *layout.Type {
	f := &layout.Type{Kind: layout.Struct, Name: v.Name, Forward: true}
	if v.Kind == cilium.FwdUnion {
		f.Kind = layout.Union
	}
	return f
}

func (t *Types) convertPointer(v *cilium.Pointer, depth int) (*layout.Type, error) {
	elem, err := t.convert(conversion{v.Target, true}, depth)
	if err != nil {
		return nil, err
	}
	return &layout.Type{Kind: layout.Pointer, Size: pointerSize, Elem: elem}, nil
}

func (t *Types) convertArray(v *cilium.Array, pointee bool, depth int) (*layout.Type, error) {
	elem, err := t.convert(conversion{v.Type, pointee}, depth)
	if err != nil {
		return nil, err
	}
	overflow, size := bits.Mul64(elem.Size, uint64(v.Nelems))
	if overflow != 0 {
		return nil, malformed("array of %d elements of %d bytes", v.Nelems, elem.Size)
	}
	return &layout.Type{Kind: layout.Array, Size: size, Elem: elem, Count: uint64(v.Nelems)}, nil
}

func (t *Types) convertTypedef(v *cilium.Typedef, pointee bool, depth int) (*layout.Type, error) {
	elem, err := t.convert(conversion{v.Type, pointee}, depth)
	if err != nil {
		return nil, err
	}
	return &layout.Type{Kind: layout.Typedef, Name: v.Name, Size: elem.Size, Elem: elem}, nil
}

func (t *Types) convertComposite(kind layout.Kind, name string, size uint32, members []cilium.Member, pointee bool, depth int) (*layout.Type, error) {
	if pointee {
		return &layout.Type{Kind: kind, Name: name, Forward: true}, nil
	}
	s := &layout.Type{Kind: kind, Name: name, Size: uint64(size)}
	for _, member := range members {
		typ, err := t.convert(conversion{member.Type, false}, depth)
		if err != nil {
			return nil, err
		}
		m := layout.Member{Name: member.Name, Type: typ, Offset: uint64(member.Offset), BitSize: uint64(member.BitfieldSize)}
		if !fits(m, s.Size) {
			return nil, malformed("%s has a member %q at bit %d that does not fit", s.Label(), m.Name, m.Offset)
		}
		s.Members = append(s.Members, m)
	}
	return s, nil
}

// fits reports whether a member lies within a structure of that size, on a
// byte unless it is a bit-field.
func fits(m layout.Member, size uint64) bool {
	if m.BitSize != 0 {
		return m.BitSize <= 64 && m.BitSize <= m.Type.Size*8 && m.Offset+m.BitSize <= size*8
	}
	return m.Offset%8 == 0 && m.Type.Size <= size && m.Offset/8 <= size-m.Type.Size
}
