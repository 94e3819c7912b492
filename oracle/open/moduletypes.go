package open

import (
	"context"
	"fmt"
	"sync"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/container"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/layout/btf"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/transport"
)

const (
	// maxModules bounds the modules that are looked at, maxModuleTypes the
	// bytes of one's types: hosts have some hundred modules, the largest
	// with 1 MiB.
	maxModules     = 4096
	maxModuleTypes = 16 << 20
)

// moduleTypes looks types up that only modules have. The kernel keeps the BTF
// of every loaded module (since 5.11, list btf_modules in kernel/bpf/btf.c). The
// list is read when a module's type is first asked for, and of each module's
// BTF no more than what is asked for.
type moduleTypes struct {
	base *btf.Types

	mu    sync.Mutex
	blobs map[string]blob // by module; nil until the list is read
	types map[string]*btf.Types
}

// blob is where the BTF of a module lies.
type blob struct {
	address oracle.Address
	size    uint64
}

// ownTypes is a kernel without the types of its modules: what reads them must
// not ask for one.
type ownTypes struct{ *Kernel }

// Type returns a type of the kernel proper.
func (k ownTypes) Type(_ context.Context, kind layout.Kind, name string, members ...string) (*layout.Type, error) {
	return k.types.Lookup(kind, name, members...)
}

// lookup returns a type of a module. The error wraps layout.ErrUnknownType, or
// is that of reading.
func (m *moduleTypes) lookup(ctx context.Context, k *Kernel, module string, kind layout.Kind, name string, members []string) (*layout.Type, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	types, err := m.module(ctx, ownTypes{k}, module)
	if err != nil {
		return nil, fmt.Errorf("types of module %s: %w", module, err)
	}
	return types.Lookup(kind, name, members...)
}

// module returns the types of a module.
func (m *moduleTypes) module(ctx context.Context, k ownTypes, name string) (types *btf.Types, err error) {
	if types, ok := m.types[name]; ok {
		return types, nil
	}
	if m.blobs == nil {
		if m.blobs, err = findBlobs(ctx, k); err != nil {
			return nil, err
		}
		m.types = make(map[string]*btf.Types)
	}
	b, ok := m.blobs[name]
	if !ok {
		return nil, fmt.Errorf("%w: it is not loaded, or the kernel keeps no types of it", layout.ErrUnknownType)
	}
	read := []oracle.Read{{Address: b.address, Data: make([]byte, b.size)}}
	if err := k.ReadVirtual(ctx, read); err != nil {
		return nil, err
	}
	if read[0].Outcome != transport.Success {
		return nil, fmt.Errorf("%w: its BTF at %s is %s", layout.ErrUnknownType, b.address, read[0].Outcome)
	}
	if types, err = m.base.ParseSplit(read[0].Data); err != nil {
		return nil, fmt.Errorf("%w: %w", layout.ErrUnknownType, err)
	}
	m.types[name] = types
	return types, nil
}

// findBlobs finds where the BTF of each module lies: the list from both ends,
// then what is on it in two dependent batches.
func findBlobs(ctx context.Context, k ownTypes) (map[string]blob, error) {
	head, err := k.Symbol(ctx, "btf_modules")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", layout.ErrUnknownType, err)
	}
	entry, err := k.Type(ctx, layout.Struct, "btf_module", "list", "btf")
	if err != nil {
		return nil, err
	}
	list, err := entry.Field("list")
	if err != nil {
		return nil, err
	}
	chains, err := container.Lists(ctx, k, []oracle.Address{head}, maxModules)
	if err != nil {
		return nil, err
	}
	p := object.NewPlan(entry)
	described := p.Member("btf")
	if err := p.Err(); err != nil {
		return nil, err
	}
	entries, err := p.Read(ctx, k, chains[0].Owners(list.Offset))
	if err != nil {
		return nil, err
	}
	addresses := make([]oracle.Address, len(entries))
	for i := range entries {
		addresses[i] = entries[i].Pointer(described)
	}
	return readBlobs(ctx, k, addresses)
}

// readBlobs reads what struct btf at addresses say. One that cannot be read, or
// is larger than a module's can be, is left out.
func readBlobs(ctx context.Context, k ownTypes, addresses []oracle.Address) (map[string]blob, error) {
	t, err := k.Type(ctx, layout.Struct, "btf", "data", "data_size", "name")
	if err != nil {
		return nil, err
	}
	p := object.NewPlan(t)
	data, size, name := p.Member("data"), p.Member("data_size"), p.Member("name")
	if err := p.Err(); err != nil {
		return nil, err
	}
	described, err := p.Read(ctx, k, addresses)
	if err != nil {
		return nil, err
	}
	blobs := make(map[string]blob, len(described))
	for i := range described {
		d := &described[i]
		if n := d.Uint(size); d.Readable() && n > 0 && n <= maxModuleTypes {
			blobs[d.Text(name)] = blob{address: d.Pointer(data), size: n}
		}
	}
	return blobs, nil
}
