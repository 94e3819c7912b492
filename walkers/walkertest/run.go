package walkertest

import (
	"fmt"
	"testing"
	"time"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/walkers"
)

// Run walks a kernel and returns the rows in order, each as the values that
// are known by column name, and under "doubt" the []walkers.Doubt of a row
// that has any. A walk that fails, or a row that its table does not allow,
// ends the test.
func Run(t testing.TB, k walkers.Kernel, w walkers.Walker, q walkers.Query) []map[string]any {
	t.Helper()
	var rows []map[string]any
	err := w.Walk(t.Context(), k, q, func(r walkers.Row) error {
		if err := Check(w.Table(), r); err != nil {
			return err
		}
		row := make(map[string]any)
		for i, v := range r.Values {
			if v != nil {
				row[w.Table().Columns[i].Name] = v
			}
		}
		if len(r.Doubt) > 0 {
			row["doubt"] = r.Doubt
		}
		rows = append(rows, row)
		return nil
	})
	if err != nil {
		t.Fatalf("walk %s: %v", w.Table().Name, err)
	}
	return rows
}

// Check says what of a row its table does not allow: another number of values
// than columns, a value of another Go type than its column's, a doubt that is
// empty or said twice.
func Check(table *walkers.Table, r walkers.Row) error {
	if len(r.Values) != len(table.Columns) {
		return fmt.Errorf("row of %s has %d values for %d columns", table.Name, len(r.Values), len(table.Columns))
	}
	for i, c := range table.Columns {
		if !fits(c.Type, r.Values[i]) {
			return fmt.Errorf("%s.%s is a %T", table.Name, c.Name, r.Values[i])
		}
	}
	seen := map[walkers.Doubt]bool{"": true}
	for _, d := range r.Doubt {
		if seen[d] {
			return fmt.Errorf("row of %s has doubts %q", table.Name, r.Doubt)
		}
		seen[d] = true
	}
	return nil
}

// fits reports whether a value is of a column's Go type, or not known.
func fits(c walkers.ColumnType, value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case int64:
		return c == walkers.Integer
	case uint64:
		return c == walkers.Unsigned
	case bool:
		return c == walkers.Boolean
	case string:
		return c == walkers.Text
	case oracle.Address:
		return c == walkers.Pointer
	case transport.Address:
		return c == walkers.PhysicalAddress
	case time.Time:
		return c == walkers.Time && v.Location() == time.UTC
	case []string:
		return c == walkers.TextList
	}
	return false
}
