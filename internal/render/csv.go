package render

import (
	"encoding/csv"
	"io"
	"strings"

	"github.com/barescope/barescope/walkers"
)

// csvRows writes each row as a line, the doubt as its last cell. The header
// is written before the first row, or by Close.
type csvRows struct {
	out    *csv.Writer
	table  *walkers.Table
	header bool
}

func newCSVRows(w io.Writer, t *walkers.Table) *csvRows {
	// The writer's UseCRLF would change newlines inside of values, too.
	return &csvRows{out: csv.NewWriter(w), table: t}
}

func (c *csvRows) Row(row walkers.Row) error {
	cells, err := texts(c.table, row, exactTime)
	if err != nil {
		return err
	}
	if err := c.writeHeader(); err != nil {
		return err
	}
	return c.write(append(cells, strings.Join(codes(row.Doubt), ",")))
}

func (c *csvRows) Close() error { return c.writeHeader() }

func (c *csvRows) writeHeader() error {
	if c.header {
		return nil
	}
	c.header = true
	var names []string
	for _, column := range c.table.Columns {
		names = append(names, column.Name)
	}
	return c.write(append(names, doubtColumn))
}

func (c *csvRows) write(cells []string) error {
	if err := c.out.Write(cells); err != nil {
		return err
	}
	c.out.Flush()
	return c.out.Error()
}
