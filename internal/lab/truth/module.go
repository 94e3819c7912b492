package truth

import (
	"fmt"
	"strconv"
	"strings"
)

// Module is a line of /proc/modules.
type Module struct {
	Name string
	// Size in bytes.
	Size     uint64
	RefCount int
	// UsedBy names the modules that use it, in the file's order.
	UsedBy []string
	// State is Live, Loading or Unloading.
	State string
	Base  uint64
	// Taints are letters, without the parentheses; empty for none.
	Taints string
}

// ParseModules parses /proc/modules. Errors wrap [ErrFormat].
func ParseModules(data []byte) ([]Module, error) {
	var modules []Module
	for line := range strings.Lines(string(data)) {
		m, err := parseModule(strings.Fields(line))
		if err != nil {
			return nil, fmt.Errorf("%w: modules %q: %w", ErrFormat, line, err)
		}
		modules = append(modules, m)
	}
	return modules, nil
}

func parseModule(fields []string) (Module, error) {
	if len(fields) < 6 {
		return Module{}, fmt.Errorf("%d fields", len(fields))
	}
	n := numberParser{}
	m := Module{
		Name: fields[0], Size: n.unsigned(fields[1]), RefCount: n.signed(fields[2]),
		UsedBy: parseUsers(fields[3]), State: fields[4],
	}
	base, err := strconv.ParseUint(fields[5], 0, 64)
	n.note(err)
	m.Base = base
	if len(fields) > 6 {
		m.Taints = strings.Trim(fields[6], "()")
	}
	return m, n.err
}

// parseUsers splits a list that ends in a comma and is a hyphen when empty. A
// module that may not be unloaded has [permanent] in it.
func parseUsers(field string) []string {
	if field == "-" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(field, ","), ",")
}
