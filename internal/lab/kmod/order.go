package kmod

import "fmt"

// Module is one module that can be loaded.
type Module struct {
	// Name as /proc/modules prints it.
	Name string
	// Data is the decompressed module.
	Data []byte
}

// Order returns the wanted modules and all that they depend on, each after
// what it depends on. Modules that are built into the kernel are left out. The
// error wraps [ErrNoModule] or [ErrNotModule].
//
// Only symbols count as dependencies. A module that asks the kernel for
// another one at run time has to be named after that one by the caller.
func (t *Tree) Order(wanted ...string) ([]Module, error) {
	o := orderer{tree: t, seen: map[string]bool{}}
	for _, name := range wanted {
		if err := o.add(Canonical(name), ""); err != nil {
			return nil, err
		}
	}
	return o.modules, nil
}

type orderer struct {
	tree    *Tree
	seen    map[string]bool
	modules []Module
}

// add appends a module behind its dependencies. A name is marked before its
// dependencies are followed, so that a circle ends.
func (o *orderer) add(name, neededBy string) error {
	if o.seen[name] {
		return nil
	}
	o.seen[name] = true
	file := o.tree.files[name]
	if file == "" {
		if o.tree.builtin[name] {
			return nil
		}
		return missing(name, neededBy)
	}
	data, err := Read(file)
	if err != nil {
		return err
	}
	info, err := ParseInfo(data)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for _, dependency := range info.Depends {
		if err := o.add(Canonical(dependency), name); err != nil {
			return err
		}
	}
	o.modules = append(o.modules, Module{Name: name, Data: data})
	return nil
}

func missing(name, neededBy string) error {
	if neededBy == "" {
		return fmt.Errorf("%w: %s", ErrNoModule, name)
	}
	return fmt.Errorf("%w: %s, needed by %s", ErrNoModule, name, neededBy)
}
