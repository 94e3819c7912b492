package render

import (
	"errors"
	"testing"
)

func TestParseFormat(t *testing.T) {
	for i, name := range Formats() {
		if f, err := ParseFormat(name); err != nil || f != Format(i) || f.String() != name {
			t.Errorf("%s: got %v, %v", name, f, err)
		}
	}
	for _, name := range []string{"", "xml", "JSON"} {
		if _, err := ParseFormat(name); !errors.Is(err, ErrUnknownFormat) {
			t.Errorf("%q: got %v", name, err)
		}
	}
	if got := Format(9).String(); got != "format(9)" {
		t.Errorf("got %s", got)
	}
}
