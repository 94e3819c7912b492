package render

import (
	"fmt"
	"io"

	"github.com/barescope/barescope/walkers"
)

// Options say how rows are written.
type Options struct {
	Format Format
	// Wide shows the columns of an aligned table that are Wide, too; the
	// other formats always have them.
	Wide bool
	// Width is that of the terminal, in columns: lines of an aligned table
	// are cut there. 0 leaves them whole, as is right for a pipe.
	Width int
}

// Rows writes the rows of one table.
//
// An aligned table is written by Close, since its columns are as wide as
// their widest cell; the other formats write each row at once, in one piece.
type Rows interface {
	// Row writes a row. Besides what writing returns, it returns an error
	// for a row whose values do not fit the table.
	Row(row walkers.Row) error
	// Close completes the output and must be called also after an error:
	// what was written until then is complete and valid. It does not close
	// the writer beneath.
	Close() error
}

// doubtColumn is the name of the column behind those of the table.
const doubtColumn = "doubt"

// NewRows returns a Rows that writes to w.
func NewRows(w io.Writer, t *walkers.Table, o Options) Rows {
	switch o.Format {
	case JSON:
		return &jsonRows{out: w, table: t, array: true}
	case JSONLines:
		return &jsonRows{out: w, table: t}
	case CSV:
		return newCSVRows(w, t)
	}
	return newAlignedRows(w, t, o)
}

// checkRow returns an error unless a row has a value for each column.
func checkRow(t *walkers.Table, row walkers.Row) error {
	if len(row.Values) != len(t.Columns) {
		return fmt.Errorf("table %s: row of %d values for %d columns", t.Name, len(row.Values), len(t.Columns))
	}
	return nil
}

// texts returns the cells of a row as plain text, without the doubt.
func texts(t *walkers.Table, row walkers.Row, timeFormat string) ([]string, error) {
	if err := checkRow(t, row); err != nil {
		return nil, err
	}
	cells := make([]string, 0, len(row.Values)+1)
	for i, v := range row.Values {
		cell, err := text(v, timeFormat)
		if err != nil {
			return nil, fmt.Errorf("table %s: column %s: %w", t.Name, t.Columns[i].Name, err)
		}
		cells = append(cells, cell)
	}
	return cells, nil
}

// codes returns doubts as text.
func codes(doubts []walkers.Doubt) []string {
	list := make([]string, len(doubts))
	for i, d := range doubts {
		list[i] = string(d)
	}
	return list
}
