package open

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/container"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/layout/btf"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/transport"
)

const (
	// maxModules bounds the modules whose types are read, maxModuleTypes
	// the bytes of all of them: hosts have some hundred modules, of 10 to
	// 200 KiB each.
	maxModules     = 4096
	maxModuleTypes = 64 << 20
	// maxModuleName is how much of a module's name is looked at.
	maxModuleName = 64
)

// moduleTypes looks types up that only modules have. The kernel keeps the BTF
// of every loaded module (since 5.11, list btf_modules in kernel/bpf/btf.c); it
// is read when a type is first asked for that the kernel itself lacks.
type moduleTypes struct {
	base *btf.Types

	mu      sync.Mutex
	read    bool
	modules []*moduleBlob
}

// moduleBlob is the BTF of one module.
type moduleBlob struct {
	name  string
	data  []byte
	types *btf.Types // nil until it is parsed
	err   error      // of parsing
}

// ownTypes is a kernel without the types of its modules: what reads them must
// not ask for one.
type ownTypes struct{ *Kernel }

// Type returns a type of the kernel proper.
func (k ownTypes) Type(_ context.Context, kind layout.Kind, name string, members ...string) (*layout.Type, error) {
	return k.types.Lookup(kind, name, members...)
}

// lookup returns a type of a module. Modules whose name the type's begins with
// are asked first: ext4 for ext4_sb_info. The error wraps
// layout.ErrUnknownType, or is that of ReadVirtual.
func (m *moduleTypes) lookup(ctx context.Context, k *Kernel, kind layout.Kind, name string, members []string) (*layout.Type, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.read {
		modules, err := readModuleBlobs(ctx, k)
		if err != nil {
			return nil, fmt.Errorf("types of modules: %w", err)
		}
		m.modules, m.read = modules, true
	}
	order := slices.Clone(m.modules)
	slices.SortStableFunc(order, func(a, b *moduleBlob) int {
		return prefixRank(name, a.name) - prefixRank(name, b.name)
	})
	for _, blob := range order {
		if blob.types == nil && blob.err == nil {
			blob.types, blob.err = m.base.ParseSplit(blob.data)
			blob.data = nil
		}
		if blob.err != nil {
			continue
		}
		t, err := blob.types.Lookup(kind, name, members...)
		if err == nil || !errors.Is(err, layout.ErrUnknownType) {
			return t, err
		}
	}
	return nil, fmt.Errorf("%s %s: none of %d modules has it: %w", kind, name, len(m.modules), layout.ErrUnknownType)
}

func prefixRank(typeName, module string) int {
	if module != "" && strings.HasPrefix(typeName, module) {
		return 0
	}
	return 1
}

// readModuleBlobs reads the BTF of all modules: the list from both ends, then
// what is on it in three dependent batches.
func readModuleBlobs(ctx context.Context, k *Kernel) ([]*moduleBlob, error) {
	head, err := k.Symbol(ctx, "btf_modules")
	if err != nil {
		return nil, err
	}
	entry, err := k.types.Lookup(layout.Struct, "btf_module", "list", "btf", "module")
	if err != nil {
		return nil, err
	}
	list, err := entry.Field("list")
	if err != nil {
		return nil, err
	}
	chains, err := container.Lists(ctx, ownTypes{k}, []oracle.Address{head}, maxModules)
	if err != nil {
		return nil, err
	}
	p := object.NewPlan(entry)
	describes := p.Member("btf")
	if err := p.Err(); err != nil {
		return nil, err
	}
	entries, err := p.Read(ctx, k, chains[0].Owners(list.Offset))
	if err != nil {
		return nil, err
	}
	addresses := make([]oracle.Address, len(entries))
	for i := range entries {
		addresses[i] = entries[i].Pointer(describes)
	}
	return readBlobs(ctx, k, addresses)
}

// readBlobs reads the data of struct btf at addresses. What cannot be read is
// left out.
func readBlobs(ctx context.Context, k *Kernel, addresses []oracle.Address) ([]*moduleBlob, error) {
	t, err := k.types.Lookup(layout.Struct, "btf", "data", "data_size")
	if err != nil {
		return nil, err
	}
	p := object.NewPlan(t)
	data, size, name := p.Member("data"), p.Member("data_size"), p.Optional("name")
	if err := p.Err(); err != nil {
		return nil, err
	}
	described, err := p.Read(ctx, k, addresses)
	if err != nil {
		return nil, err
	}
	var reads []oracle.Read
	var blobs []*moduleBlob
	total := uint64(0)
	for i := range described {
		d := &described[i]
		if n := d.Uint(size); d.Readable() && n > 0 && n <= maxModuleTypes-total {
			total += n
			blobs = append(blobs, &moduleBlob{name: clip(d.Text(name)), data: make([]byte, n)})
			reads = append(reads, oracle.Read{Address: d.Pointer(data), Data: blobs[len(blobs)-1].data})
		}
	}
	if len(reads) == 0 {
		return nil, nil
	}
	err = k.ReadVirtual(ctx, reads)
	readable := blobs[:0]
	for i := range reads {
		if reads[i].Outcome == transport.Success {
			readable = append(readable, blobs[i])
		}
	}
	return readable, err
}

func clip(name string) string { return name[:min(len(name), maxModuleName)] }
