package walkers

import (
	"context"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
)

// Kernel is what a walker may ask of a target.
//
// Implementations are safe for use by several goroutines at once.
type Kernel interface {
	oracle.Memory

	// Translate says where virtual addresses lie in physical memory, one
	// Translation for each address, in order. The error is that of
	// ReadVirtual.
	Translate(ctx context.Context, addresses []oracle.Address) ([]oracle.Translation, error)

	// Symbol returns the address of a kernel symbol, or an error wrapping
	// [oracle.ErrUnknownSymbol].
	Symbol(ctx context.Context, name string) (oracle.Address, error)

	// Type returns a type as [layout.Types] does. Kernels have several
	// types of some names: name members that tell the wanted one. A type
	// of what can be built as a module is named MODULE:NAME, such as
	// "ext4:ext4_sb_info", and found in either.
	Type(ctx context.Context, kind layout.Kind, name string, members ...string) (*layout.Type, error)

	// Identity returns what the kernel says about itself.
	Identity() *oracle.Identity
}
