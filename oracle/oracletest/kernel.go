package oracletest

import (
	"context"
	"fmt"
	"slices"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/transport"
)

// Kernel answers virtual reads from a Memory: the lowest 40 bits of an address
// in the upper half are where it lies there. What does not exist is
// [transport.Unmapped].
type Kernel struct {
	*Memory
	Types   Types
	Symbols map[string]oracle.Address
}

// Physical returns where in its Memory a Kernel finds an address.
func Physical(a oracle.Address) transport.Address { return transport.Address(a & (1<<40 - 1)) }

// ReadVirtual implements [oracle.Memory].
func (k *Kernel) ReadVirtual(ctx context.Context, reads []oracle.Read) error {
	physical := make([]transport.Read, len(reads))
	for i, r := range reads {
		physical[i] = transport.Read{Address: Physical(r.Address), Data: r.Data}
	}
	err := k.ReadPhysical(ctx, physical)
	for i := range reads {
		reads[i].Outcome = physical[i].Outcome
		if missing := physical[i].Outcome == transport.UnsupportedRequest; missing || err == nil && !reads[i].Address.IsKernel() {
			reads[i].Outcome = transport.Unmapped
		}
	}
	return err
}

// Symbol returns a symbol's address as an opened kernel does.
func (k *Kernel) Symbol(_ context.Context, name string) (oracle.Address, error) {
	a, ok := k.Symbols[name]
	if !ok {
		return 0, fmt.Errorf("%q: %w", name, oracle.ErrUnknownSymbol)
	}
	return a, nil
}

// Type returns a type as an opened kernel does.
func (k *Kernel) Type(_ context.Context, kind layout.Kind, name string, members ...string) (*layout.Type, error) {
	return k.Types.Lookup(kind, name, members...)
}

// Types are types made by hand. They implement [layout.Types].
type Types []*layout.Type

// Lookup implements [layout.Types].
func (t Types) Lookup(kind layout.Kind, name string, members ...string) (*layout.Type, error) {
	for _, c := range t {
		if c.Kind == kind && c.Name == name && !slices.ContainsFunc(members, func(m string) bool { return !c.Has(m) }) {
			return c, nil
		}
	}
	return nil, fmt.Errorf("%s %s with %q: %w", kind, name, members, layout.ErrUnknownType)
}

// Struct returns a structure.
func Struct(name string, size uint64, members ...layout.Member) *layout.Type {
	return &layout.Type{Kind: layout.Struct, Name: name, Size: size, Members: members}
}

// At returns a member that lies at an offset in bytes.
func At(offset uint64, name string, t *layout.Type) layout.Member {
	return layout.Member{Name: name, Type: t, Offset: 8 * offset}
}

// Int returns an integer type of a size in bytes.
func Int(size uint64) *layout.Type { return &layout.Type{Kind: layout.Int, Name: "int", Size: size} }

// Chars returns an array of characters.
func Chars(count uint64) *layout.Type {
	return &layout.Type{Kind: layout.Array, Count: count, Elem: &layout.Type{Kind: layout.Int, Name: "char", Size: 1, Char: true}}
}
