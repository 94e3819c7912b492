package walkertest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
)

// BootTime is when every [Kernel] booted.
var BootTime = time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)

// firstPlace is where [Kernel.Place] begins: in the direct map of a kernel
// without KASLR.
const firstPlace oracle.Address = 0xffff888000100000

// Kernel is a walkers.Kernel made by hand.
type Kernel struct {
	// Before, if set, is called ahead of each batch with its number, from
	// 0, and whether it goes past caches. It may change memory.
	Before func(batch int, fresh bool)

	t        testing.TB
	types    []*layout.Type
	symbols  map[string]oracle.Address
	identity oracle.Identity

	mu       sync.Mutex
	pages    map[oracle.Address]*page
	failures []failure
	next     oracle.Address
	batch    int
}

// New returns a kernel with empty memory that knows the container types. What
// a test does wrong in building it ends the test.
func New(t testing.TB) *Kernel {
	return &Kernel{
		t:        t,
		types:    []*layout.Type{ListHead, HListHead, HListNode, RBRoot, RBNode, XArray, XANode},
		symbols:  make(map[string]oracle.Address),
		identity: oracle.Identity{Release: "6.1.0-test", Arch: "x86_64", BootTime: BootTime, Uptime: time.Hour, CPUs: 2},
		pages:    make(map[oracle.Address]*page),
		next:     firstPlace,
	}
}

// Define makes a type known by its kind and name and returns it.
func (k *Kernel) Define(t *layout.Type) *layout.Type {
	k.types = append(k.types, t)
	return t
}

// Label gives an address a symbol.
func (k *Kernel) Label(name string, a oracle.Address) { k.symbols[name] = a }

// Type implements walkers.Kernel. Modules are built in.
func (k *Kernel) Type(_ context.Context, kind layout.Kind, name string, members ...string) (*layout.Type, error) {
	bare := name[strings.IndexByte(name, ':')+1:]
next:
	for _, t := range k.types {
		if t.Kind != kind || t.Name != bare {
			continue
		}
		for _, m := range members {
			if !t.Has(m) {
				continue next
			}
		}
		return t, nil
	}
	return nil, fmt.Errorf("%s %s with members %q: %w", kind, name, members, layout.ErrUnknownType)
}

// Symbol implements walkers.Kernel.
func (k *Kernel) Symbol(_ context.Context, name string) (oracle.Address, error) {
	a, ok := k.symbols[name]
	if !ok {
		return 0, fmt.Errorf("%s: %w", name, oracle.ErrUnknownSymbol)
	}
	return a, nil
}

// Identity implements walkers.Kernel. A test may change it before a walk.
func (k *Kernel) Identity() *oracle.Identity { return &k.identity }
