package open

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/locate"
	"github.com/barescope/barescope/oracle/pagetable"
)

// Kernel is an opened kernel. It is what walkers ask, a walkers.Kernel.
//
// It is safe for use by several goroutines at once.
type Kernel struct {
	image    *locate.Image
	space    *pagetable.Space
	cache    Cache
	symbols  Symbols
	types    layout.Types
	modules  *moduleTypes // nil when the types are not BTF
	identity oracle.Identity
}

// ReadVirtual implements [oracle.Memory].
func (k *Kernel) ReadVirtual(ctx context.Context, reads []oracle.Read) error {
	return k.space.ReadVirtual(ctx, reads)
}

// Translate says where addresses lie in physical memory.
func (k *Kernel) Translate(ctx context.Context, addresses []oracle.Address) ([]oracle.Translation, error) {
	return k.space.Translate(ctx, addresses)
}

// Symbol returns the address of a symbol; the first if there are several of
// the name. The error wraps [oracle.ErrUnknownSymbol].
func (k *Kernel) Symbol(_ context.Context, name string) (oracle.Address, error) {
	found := k.symbols.Lookup(name)
	if len(found) == 0 {
		return 0, fmt.Errorf("%q: %w", name, oracle.ErrUnknownSymbol)
	}
	return found[0].Address, nil
}

// Type returns a type as [layout.Types] does: of the kernel proper or, where the
// name is MODULE:NAME, of that module if the kernel lacks it.
func (k *Kernel) Type(ctx context.Context, kind layout.Kind, name string, members ...string) (*layout.Type, error) {
	module, bare, qualified := strings.Cut(name, ":")
	if !qualified {
		return k.types.Lookup(kind, name, members...)
	}
	t, err := k.types.Lookup(kind, bare, members...)
	if err == nil || k.modules == nil || !errors.Is(err, layout.ErrUnknownType) {
		return t, err
	}
	return k.modules.lookup(ctx, k, module, kind, bare, members)
}

// Identity returns what the kernel says about itself. It must not be modified.
func (k *Kernel) Identity() *oracle.Identity { return &k.identity }

// Refresh makes what was read of the target stale, except what never changes:
// what is read from now on is as new as the call.
func (k *Kernel) Refresh() {
	k.cache.Advance()
	k.space.Forget()
}
