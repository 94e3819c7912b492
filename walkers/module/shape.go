package module

import (
	"context"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// shape is that of struct module.
type shape struct {
	*object.Plan
	name, state, next, prev object.Member
	taints, init, exit      object.Member
	base                    object.Member
	// sizes are added up.
	sizes []object.Member
	// references and users are there with CONFIG_MODULE_UNLOAD.
	references, users object.Member
	states            map[uint64]string
	listOffset        oracle.Address
}

// stateNames are the words of /proc/modules for the enumerators of enum
// module_state; an unformed module has none.
var stateNames = map[string]string{
	"MODULE_STATE_LIVE":     live,
	"MODULE_STATE_COMING":   loading,
	"MODULE_STATE_GOING":    unloading,
	"MODULE_STATE_UNFORMED": unformed,
}

const (
	live      = "Live"
	loading   = "Loading"
	unloading = "Unloading"
	unformed  = ""
)

func newShape(ctx context.Context, k walkers.Kernel) (*shape, error) {
	t, err := k.Type(ctx, layout.Struct, "module", "state", "list", "name")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", walkers.ErrUnknownShape, err)
	}
	s := &shape{Plan: object.NewPlan(t)}
	s.name, s.state, s.taints = s.Member("name"), s.Member("state"), s.Member("taints")
	s.next, s.prev = s.Member("list.next"), s.Member("list.prev")
	s.references, s.users = s.Optional("refcnt.counter"), s.Optional("source_list.next")
	s.init, s.exit = s.Member("init"), s.Optional("exit")
	s.parts()
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", walkers.ErrUnknownShape, err)
	}
	s.listOffset = oracle.Address(s.Field(s.next).Offset)
	return s, s.nameStates(ctx, k)
}

// parts finds the memory that a module's code and data lie in: one piece for
// each kind since 6.4, two layouts since 4.5, four members before. What is
// only needed to load it is counted, and has size 0 once that is done.
func (s *shape) parts() {
	switch memory, err := s.Type().Field("mem"); {
	case err == nil:
		s.base = s.Member("mem[0].base")
		pieces := layout.Resolve(memory.Type)
		for i := range min(pieces.Count, maxPieces) {
			s.sizes = append(s.sizes, s.Member(fmt.Sprintf("mem[%d].size", i)))
		}
	case s.Type().Has("core_layout"):
		s.base = s.Member("core_layout.base")
		s.sizes = []object.Member{s.Member("core_layout.size"), s.Member("init_layout.size")}
	default:
		s.base = s.Member("module_core")
		s.sizes = []object.Member{s.Member("core_size"), s.Member("init_size")}
	}
}

// maxPieces bounds the pieces of a module's memory; kernels have seven.
const maxPieces = 64

func (s *shape) nameStates(ctx context.Context, k walkers.Kernel) error {
	t, err := k.Type(ctx, layout.Enum, "module_state")
	if err != nil {
		return fmt.Errorf("%w: %w", walkers.ErrUnknownShape, err)
	}
	s.states = make(map[uint64]string)
	for _, v := range t.Values {
		if name, ok := stateNames[v.Name]; ok {
			s.states[uint64(v.Value)] = name
		}
	}
	return nil
}
