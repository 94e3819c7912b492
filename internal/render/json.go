package render

import (
	"fmt"
	"io"
	"strconv"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/barescope/barescope/walkers"
)

// jsonRows writes each row as an object: one a line, or all in an array.
type jsonRows struct {
	out   io.Writer
	table *walkers.Table
	array bool
	begun bool
}

func (j *jsonRows) Row(row walkers.Row) error {
	if err := checkRow(j.table, row); err != nil {
		return err
	}
	fields := make([]Field, 0, len(row.Values)+1)
	for i, v := range row.Values {
		fields = append(fields, Field{Key: j.table.Columns[i].Name, Value: v})
	}
	fields = append(fields, Field{Key: doubtColumn, Value: codes(row.Doubt)})
	line, err := appendObject(j.separator(), fields)
	if err != nil {
		return fmt.Errorf("table %s: %w", j.table.Name, err)
	}
	if !j.array {
		line = append(line, '\n')
	}
	j.begun = true
	_, err = j.out.Write(line)
	return err
}

// separator returns what stands before a row.
func (j *jsonRows) separator() []byte {
	switch {
	case !j.array:
		return nil
	case j.begun:
		return []byte(",\n")
	}
	return []byte("[\n")
}

func (j *jsonRows) Close() error {
	if !j.array {
		return nil
	}
	end := "\n]\n"
	if !j.begun {
		end = "[]\n"
	}
	_, err := io.WriteString(j.out, end)
	return err
}

// appendObject appends a JSON object with the fields in their order.
func appendObject(b []byte, fields []Field) ([]byte, error) {
	b = append(b, '{')
	for i, f := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, f.Key), ':')
		var err error
		if b, err = appendValue(b, f.Value); err != nil {
			return nil, fmt.Errorf("column %s: %w", f.Key, err)
		}
	}
	return append(b, '}'), nil
}

// appendValue appends a value: a duration as seconds, what has no JSON type
// of its own as a string.
func appendValue(b []byte, v any) ([]byte, error) {
	if s, ok := number(v); ok {
		return append(b, s...), nil
	}
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case time.Duration:
		return strconv.AppendFloat(b, v.Seconds(), 'f', -1, 64), nil
	case []string:
		return appendList(b, v), nil
	}
	s, err := text(v, exactTime)
	if err != nil {
		return nil, err
	}
	return appendString(b, s), nil
}

func appendList(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, s)
	}
	return append(b, ']')
}

// appendString appends a JSON string. Unlike encoding/json it escapes all
// that is not printable, not only the control characters below 0x20: U+009B
// begins an escape sequence just as ESC does.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s { // a byte that is no UTF-8 yields U+FFFD
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case isPrintable(r):
			b = utf8.AppendRune(b, r)
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			b = fmt.Appendf(b, `\u%04x\u%04x`, high, low)
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
	}
	return append(b, '"')
}
