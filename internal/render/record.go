package render

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
)

// Field is one key of a record and its value: any that a row may have, or an
// int or a time.Duration.
type Field struct {
	Key   string
	Value any
}

// Record writes a single record: as lines of key and value, as one JSON
// object, or as CSV of two lines. Besides what writing returns, it returns an
// error for a value of a type that cannot be written.
func Record(w io.Writer, fields []Field, f Format) error {
	switch f {
	case JSON, JSONLines:
		object, err := appendObject(nil, fields)
		if err != nil {
			return err
		}
		_, err = w.Write(append(object, '\n'))
		return err
	case CSV:
		return csvRecord(w, fields)
	}
	return alignedRecord(w, fields)
}

func csvRecord(w io.Writer, fields []Field) error {
	keys, values := make([]string, len(fields)), make([]string, len(fields))
	for i, f := range fields {
		var err error
		if values[i], err = text(f.Value, exactTime); err != nil {
			return fmt.Errorf("key %s: %w", f.Key, err)
		}
		keys[i] = f.Key
	}
	return csv.NewWriter(w).WriteAll([][]string{keys, values})
}

func alignedRecord(w io.Writer, fields []Field) error {
	width := 0
	for _, f := range fields {
		width = max(width, runewidth.StringWidth(Visible(f.Key)))
	}
	var lines strings.Builder
	for _, f := range fields {
		value, err := text(f.Value, shortTime)
		if err != nil {
			return fmt.Errorf("key %s: %w", f.Key, err)
		}
		if f.Value == nil {
			value = unknown
		}
		line := runewidth.FillRight(Visible(f.Key), width) + gap + Visible(value)
		lines.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	_, err := io.WriteString(w, lines.String())
	return err
}
