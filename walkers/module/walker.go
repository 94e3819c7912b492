package module

import (
	"context"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/container"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// maxModules bounds how many modules are listed, and how many users of one.
const maxModules = 1 << 14

var table = walkers.Table{
	Name:        "modules",
	Description: "Loaded kernel modules, as /proc/modules lists them.",
	Columns: []walkers.Column{
		{Name: "address", Type: walkers.Pointer, Description: "virtual address of the struct module", Wide: true},
		{Name: "name", Type: walkers.Text, Description: "name"},
		{Name: "size", Type: walkers.Unsigned, Description: "memory that it takes, in bytes"},
		{Name: "base", Type: walkers.Pointer, Description: "virtual address of its code"},
		{Name: "state", Type: walkers.Text, Description: "Live, Loading or Unloading"},
		{Name: "refcount", Type: walkers.Integer, Description: "how many references to it are held"},
		{Name: "used_by", Type: walkers.TextList, Description: "modules that use it, [permanent] if it cannot be unloaded"},
		{Name: "taints", Type: walkers.Text, Description: "taint flags in parentheses, empty for none"},
	},
}

// Walker fills the table "modules". The zero value is ready for use.
type Walker struct{}

var _ walkers.Walker = Walker{}

// Table implements walkers.Walker.
func (Walker) Table() *walkers.Table { return &table }

// Walk implements walkers.Walker. Rows come in the order of the kernel's list.
// When not even the head of the list can be read, the error wraps
// [oracle.ErrContradiction].
func (Walker) Walk(ctx context.Context, k walkers.Kernel, _ walkers.Query, emit func(walkers.Row) error) error {
	l, err := read(ctx, k)
	if err != nil {
		return fmt.Errorf("list modules: %w", err)
	}
	for i := range l.modules {
		if l.states[l.modules[i].Uint(l.state)] == unformed && l.isKnown(i) {
			continue
		}
		if err := emit(l.row(i)); err != nil {
			return err
		}
	}
	return nil
}

// list is what was read of all modules.
type list struct {
	*shape
	chain   container.Chain
	modules []object.Object
	usage   []usage
	// names are empty for modules that could not be read.
	names map[oracle.Address]string
}

func read(ctx context.Context, k walkers.Kernel) (*list, error) {
	s, err := newShape(ctx, k)
	if err != nil {
		return nil, err
	}
	head, err := k.Symbol(ctx, "modules")
	if err != nil {
		return nil, err
	}
	chains, err := container.Lists(ctx, k, []oracle.Address{head}, maxModules)
	if err != nil {
		return nil, err
	}
	l := &list{shape: s, chain: chains[0], names: make(map[oracle.Address]string)}
	if len(l.chain.Nodes) == 0 && l.chain.Doubt != "" {
		return nil, fmt.Errorf("the list at %s is %s: %w", head, l.chain.Doubt, oracle.ErrContradiction)
	}
	if l.modules, err = s.Read(ctx, k, l.chain.Owners(uint64(s.listOffset))); err != nil {
		return nil, err
	}
	for i := range l.modules {
		l.names[l.modules[i].Address] = l.modules[i].Text(s.name)
	}
	l.usage, err = s.readUsage(ctx, k, l.modules)
	return l, err
}
