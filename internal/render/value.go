package render

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	// exactTime is RFC 3339 with all nine digits, so that texts sort.
	exactTime = "2006-01-02T15:04:05.000000000Z07:00"
	// shortTime is for people.
	shortTime = time.RFC3339
)

// text returns a value as plain text: a list joined by commas, nothing for a
// value that is not known. It returns an error for a value that is of no
// column's type.
func text(v any, timeFormat string) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case []string:
		return strings.Join(v, ","), nil
	case time.Time:
		return v.UTC().Format(timeFormat), nil
	case fmt.Stringer: // addresses, durations
		return v.String(), nil
	}
	if s, ok := number(v); ok {
		return s, nil
	}
	return "", fmt.Errorf("value of type %T", v)
}

// number returns a number or a truth value as every format writes it.
func number(v any) (string, bool) {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v), true
	case int:
		return strconv.Itoa(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case uint64:
		return strconv.FormatUint(v, 10), true
	}
	return "", false
}
