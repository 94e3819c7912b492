// Package builtin lists the walkers that come with the program.
package builtin

import (
	"slices"

	"github.com/barescope/barescope/walkers"
	"github.com/barescope/barescope/walkers/module"
	"github.com/barescope/barescope/walkers/mount"
	"github.com/barescope/barescope/walkers/process"
)

// all is sorted by the names of the tables.
var all = []walkers.Walker{
	module.Walker{},
	mount.Walker{},
	process.Walker{},
}

// All returns the walkers, sorted by the names of their tables.
func All() []walkers.Walker { return slices.Clone(all) }

// Lookup returns the walker that fills the table of that name.
func Lookup(table string) (walkers.Walker, bool) {
	for _, w := range all {
		if w.Table().Name == table {
			return w, true
		}
	}
	return nil, false
}
