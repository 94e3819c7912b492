package module

import (
	"context"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/container"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// use is one entry of the list of who uses a module.
type use struct {
	// source is the module that uses target.
	source, target oracle.Address
	readable       bool
}

// usage is the list of who uses one module.
type usage struct {
	uses  []use
	fault container.Fault
}

// readUsage reads the lists of who uses each module, all together. It returns
// one for each module, or nothing if modules do not keep them.
func (s *shape) readUsage(ctx context.Context, k walkers.Kernel, modules []object.Object) ([]usage, error) {
	if !s.users.Present() {
		return nil, nil
	}
	t, err := k.Type(ctx, layout.Struct, "module_use", "source_list")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", walkers.ErrUnknownShape, err)
	}
	plan := object.NewPlan(t)
	node, source, target := plan.Member("source_list"), plan.Member("source"), plan.Member("target")
	if err := plan.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", walkers.ErrUnknownShape, err)
	}
	heads := make([]oracle.Address, len(modules))
	for i := range modules {
		heads[i] = modules[i].Address + oracle.Address(s.Field(s.users).Offset)
	}
	chains, err := container.Lists(ctx, k, heads, maxModules)
	if err != nil {
		return nil, err
	}
	var addresses []oracle.Address
	for _, c := range chains {
		addresses = append(addresses, c.Owners(plan.Field(node).Offset)...)
	}
	objects, err := plan.Read(ctx, k, addresses)
	if err != nil {
		return nil, err
	}
	all := make([]usage, len(chains))
	for i, c := range chains {
		all[i].fault = c.Doubt
		for j := range objects[:len(c.Nodes)] {
			o := &objects[j]
			all[i].uses = append(all[i].uses, use{o.Pointer(source), o.Pointer(target), o.Readable()})
		}
		objects = objects[len(c.Nodes):]
	}
	return all, nil
}
