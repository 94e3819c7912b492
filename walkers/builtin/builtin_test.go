package builtin

import (
	"regexp"
	"slices"
	"testing"

	"github.com/barescope/barescope/walkers"
)

// Every name can be a word of a command line and an identifier of SQL.
var name = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func TestTables(t *testing.T) {
	var names []string
	for _, w := range All() {
		table := w.Table()
		names = append(names, table.Name)
		checkTable(t, table)
		if got, ok := Lookup(table.Name); !ok || got != w {
			t.Errorf("Lookup(%q) is %v, %v", table.Name, got, ok)
		}
	}
	if !slices.IsSorted(names) || len(slices.Compact(names)) != len(All()) {
		t.Errorf("tables %q are not sorted, or not different", names)
	}
	if w, ok := Lookup("nonsense"); ok {
		t.Errorf("Lookup of an unknown table is %v", w)
	}
}

func checkTable(t *testing.T, table *walkers.Table) {
	t.Helper()
	seen := map[string]bool{"doubt": true} // added by renderers
	for _, c := range table.Columns {
		if seen[c.Name] || !name.MatchString(c.Name) || c.Description == "" {
			t.Errorf("%s has column %+v", table.Name, c)
		}
		seen[c.Name] = true
	}
	if !name.MatchString(table.Name) || table.Description == "" || len(table.Columns) == 0 {
		t.Errorf("table %+v", table)
	}
	for _, a := range table.Arguments {
		if !name.MatchString(a.Name) || a.Description == "" {
			t.Errorf("%s has argument %+v", table.Name, a)
		}
	}
}
