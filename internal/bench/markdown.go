package bench

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNoSection means that a document has no place for a section.
var ErrNoSection = errors.New("the document has no such section")

// table is one of a report: rows of cells, the first row being its head.
type table [][]string

// add appends a row. Cells are formatted as %v formats them.
func (t *table) add(cells ...any) {
	row := make([]string, len(cells))
	for i, c := range cells {
		row[i] = fmt.Sprint(c)
	}
	*t = append(*t, row)
}

// String returns the table in Markdown.
func (t table) String() string {
	var b strings.Builder
	for i, row := range t {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return b.String()
}

// replaceSection returns a document in which text stands between the lines
// that begin and end the section of a name. The error wraps ErrNoSection.
func replaceSection(document, name, text string) (string, error) {
	begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->\n"
	before, rest, ok := strings.Cut(document, begin)
	if !ok {
		return "", fmt.Errorf("%s: %w", name, ErrNoSection)
	}
	_, after, ok := strings.Cut(rest, end)
	if !ok {
		return "", fmt.Errorf("end of %s: %w", name, ErrNoSection)
	}
	return before + begin + text + end + after, nil
}
