package render

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrUnknownFormat means that there is no format of that name.
var ErrUnknownFormat = errors.New("unknown output format")

// Format says how rows are written.
type Format uint8

const (
	// Aligned is a table with aligned columns, for people.
	Aligned Format = iota
	// JSON is one array of objects.
	JSON
	// JSONLines is one object a line.
	JSONLines
	// CSV is RFC 4180 with a header line, lines ended by a newline alone.
	CSV
)

var formats = []string{Aligned: "table", JSON: "json", JSONLines: "jsonl", CSV: "csv"}

// Formats returns the names of all formats.
func Formats() []string { return slices.Clone(formats) }

// ParseFormat returns the format of a name, or an error wrapping
// ErrUnknownFormat.
func ParseFormat(name string) (Format, error) {
	if i := slices.Index(formats, name); i >= 0 {
		return Format(i), nil
	}
	return 0, fmt.Errorf("%q is none of %s: %w", name, strings.Join(formats, ", "), ErrUnknownFormat)
}

// String returns the format's name.
func (f Format) String() string {
	if int(f) < len(formats) {
		return formats[f]
	}
	return fmt.Sprintf("format(%d)", uint8(f))
}
