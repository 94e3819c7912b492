package walkers

import (
	"context"
	"errors"
	"slices"
)

// ErrUnknownShape means that a kernel's structures look like none that the
// walker knows. It is wrapped with the type and the members that were looked
// for. A walker that meets it yields no row.
var ErrUnknownShape = errors.New("unknown shape")

// Walker fills a table from a kernel.
type Walker interface {
	// Table declares the columns of the rows that Walk yields.
	Table() *Table

	// Walk calls emit for each row, in an order that does not change from
	// one walk of an unchanged target to the next. It stops at, and
	// returns, the first error that emit returns. Other errors wrap
	// [ErrUnknownShape], [oracle.ErrUnknownSymbol], or what reading
	// returned; rows that were emitted before one stand.
	Walk(ctx context.Context, k Kernel, q Query, emit func(Row) error) error
}

// Query says what is wanted of a walk. The zero value asks for all rows and
// no argument.
type Query struct {
	// Arguments that are switched on, from the table's.
	Arguments []string
}

// Has reports whether an argument is switched on.
func (q Query) Has(argument string) bool {
	return slices.Contains(q.Arguments, argument)
}

// Row is one row of a table.
type Row struct {
	// Values in the order of the table's columns, each of the Go type that
	// its ColumnType names, or nil where the value is not known.
	Values []any
	// Doubt says what is wrong with the row; empty for a sound one.
	Doubt []Doubt
}

// Doubt is a code for what is wrong with a row.
type Doubt string

const (
	// Unreadable: a part of the structures behind the row could not be read.
	Unreadable Doubt = "unreadable"
	// Torn: the structures changed while they were read, and reading again
	// did not settle it.
	Torn Doubt = "torn"
	// Looped: a chain of structures came back to itself where it must not.
	Looped Doubt = "looped"
	// Corrupt: a value is outside of what the kernel can hold there.
	Corrupt Doubt = "corrupt"
)
