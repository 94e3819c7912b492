package render

import (
	"io"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/barescope/barescope/walkers"
)

const (
	// gap stands between two columns.
	gap = "  "
	// unknown stands for a value that is not known, as in ps.
	unknown = "-"
	// cut ends a line that went on. Unlike an ellipsis it is one column
	// wide in every locale.
	cut = "+"
)

// alignedRows keeps the rows and writes them when all are there.
type alignedRows struct {
	out   io.Writer
	table *walkers.Table
	width int
	// shown are the columns, by their index in the table.
	shown []int
	lines [][]string
	// doubts of the lines; there is a column for them if any has one.
	doubts  []string
	doubted bool
}

func newAlignedRows(w io.Writer, t *walkers.Table, o Options) *alignedRows {
	a := &alignedRows{out: w, table: t, width: o.Width}
	var header []string
	for i, column := range t.Columns {
		if !column.Wide || o.Wide {
			a.shown = append(a.shown, i)
			header = append(header, heading(column.Name))
		}
	}
	a.lines = append(a.lines, header)
	a.doubts = append(a.doubts, heading(doubtColumn))
	return a
}

func heading(name string) string { return Visible(strings.ToUpper(name)) }

func (a *alignedRows) Row(row walkers.Row) error {
	cells, err := texts(a.table, row, shortTime)
	if err != nil {
		return err
	}
	line := make([]string, 0, len(a.shown))
	for _, i := range a.shown {
		if row.Values[i] == nil {
			line = append(line, unknown)
		} else {
			line = append(line, Visible(cells[i]))
		}
	}
	a.lines = append(a.lines, line)
	a.doubts = append(a.doubts, Visible(strings.Join(codes(row.Doubt), ",")))
	a.doubted = a.doubted || len(row.Doubt) > 0
	return nil
}

func (a *alignedRows) Close() error {
	var text strings.Builder
	widths := columnWidths(a.lines)
	room := a.room(widths)
	for i, cells := range a.lines {
		line := fit(a.align(cells, widths), a.width, room)
		if a.doubted && a.doubts[i] != "" {
			line = runewidth.FillRight(line, room) + gap + a.doubts[i]
		}
		text.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	_, err := io.WriteString(a.out, text.String())
	return err
}

// room returns how wide a line may be without its doubt. A doubt is never cut
// off: the line before it gives way.
func (a *alignedRows) room(widths []int) int {
	room := max(0, len(gap)*(len(widths)-1))
	for _, w := range widths {
		room += w
	}
	if a.width == 0 {
		return room
	}
	left := a.width
	if a.doubted {
		for _, d := range a.doubts {
			left = min(left, a.width-len(gap)-runewidth.StringWidth(d))
		}
	}
	return min(room, max(left, 0))
}

// align joins the cells of a line, numbers to the right.
func (a *alignedRows) align(cells []string, widths []int) string {
	var line strings.Builder
	for i, cell := range cells {
		if i > 0 {
			line.WriteString(gap)
		}
		switch a.table.Columns[a.shown[i]].Type {
		case walkers.Integer, walkers.Unsigned:
			line.WriteString(runewidth.FillLeft(cell, widths[i]))
		default:
			line.WriteString(runewidth.FillRight(cell, widths[i]))
		}
	}
	return line.String()
}

// fit cuts a line to what there is room for, if the width is limited.
func fit(line string, width, room int) string {
	if width == 0 {
		return line
	}
	return runewidth.Truncate(strings.TrimRight(line, " "), room, cut)
}

// columnWidths returns the display width of each column's widest cell.
func columnWidths(lines [][]string) []int {
	widths := make([]int, len(lines[0]))
	for _, cells := range lines {
		for i, cell := range cells {
			widths[i] = max(widths[i], runewidth.StringWidth(cell))
		}
	}
	return widths
}
