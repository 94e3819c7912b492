package mount

import (
	"context"
	"errors"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// maxParameters bounds the parameters of a module.
const maxParameters = 256

// parameters reads switches of a driver that are parameters of its module.
// Built into the kernel, they are plain variables with a symbol.
type parameters struct {
	// module is the address of the struct module, 0 for a built-in driver.
	module oracle.Address
	// symbols names the variable of each parameter.
	symbols map[string]oracle.Address

	modules, entries, values *object.Plan
	list, count              object.Member
	name, argument, value    object.Member
	round                    int
	owner, found, read       []object.Object
}

// newParameters prepares reading parameters, named with the variables that
// they are. The error wraps layout.ErrUnknownType, layout.ErrUnknownMember or
// oracle.ErrUnknownSymbol.
func newParameters(ctx context.Context, k walkers.Kernel, module oracle.Address, variables map[string]string) (*parameters, error) {
	p := &parameters{module: module, symbols: make(map[string]oracle.Address)}
	p.values = object.NewPlan(&layout.Type{Kind: layout.Struct, Size: 1, Members: []layout.Member{
		{Name: "value", Type: &layout.Type{Kind: layout.Int, Bool: true, Size: 1}}}})
	p.value = p.values.Member("value")
	if module == 0 {
		for name, variable := range variables {
			a, err := k.Symbol(ctx, variable)
			if err != nil {
				return nil, err
			}
			p.symbols[name] = a
		}
		return p, nil
	}
	moduleType, err := k.Type(ctx, layout.Struct, "module", "kp", "num_kp")
	if err != nil {
		return nil, err
	}
	entryType, err := k.Type(ctx, layout.Struct, "kernel_param", "name", "arg")
	if err != nil {
		return nil, err
	}
	p.modules, p.entries = object.NewPlan(moduleType), object.NewPlan(entryType)
	p.list, p.count = p.modules.Member("kp"), p.modules.Member("num_kp")
	p.name, p.argument = p.entries.Member("name"), p.entries.Member("arg")
	return p, errors.Join(p.modules.Err(), p.entries.Err())
}

// advance reads the module, its parameters and what they point at, or the
// variables at once.
func (p *parameters) advance(b *object.Batch) {
	p.round++
	switch {
	case p.module == 0 && p.round == 1:
		var all []oracle.Address
		for _, a := range p.symbols {
			all = append(all, a)
		}
		p.read = p.values.Add(b, all)
	case p.module != 0 && p.round == 1:
		p.owner = p.modules.Add(b, []oracle.Address{p.module})
	case p.module != 0 && p.round == 2:
		p.addEntries(b)
	case p.module != 0 && p.round == 3:
		arguments := make([]oracle.Address, len(p.found))
		for i := range p.found {
			arguments[i] = p.found[i].Pointer(p.argument)
		}
		p.read = p.values.Add(b, arguments)
	}
}

func (p *parameters) addEntries(b *object.Batch) {
	size := p.entries.Type().ByteSize()
	first := p.owner[0].Pointer(p.list)
	entries := make([]oracle.Address, min(p.owner[0].Uint(p.count), maxParameters))
	for i := range entries {
		entries[i] = first + oracle.Address(uint64(i)*size)
	}
	p.found = p.entries.Add(b, entries)
}

// texts returns where the names of the parameters are.
func (p *parameters) texts() []oracle.Address {
	names := make([]oracle.Address, len(p.found))
	for i := range p.found {
		names[i] = p.found[i].Pointer(p.name)
	}
	return names
}

// on returns whether a parameter is switched on, and false for one that could
// not be read.
func (p *parameters) on(name string, texts map[oracle.Address]object.Text) (value, known bool) {
	for i := range p.read {
		o := &p.read[i]
		is := p.module == 0 && o.Address == p.symbols[name]
		if p.module != 0 {
			is = texts[p.found[i].Pointer(p.name)].Value == name
		}
		if is && o.Readable() {
			return o.Uint(p.value) != 0, true
		}
	}
	return false, false
}
