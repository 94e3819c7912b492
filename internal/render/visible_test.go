package render

import (
	"strconv"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestVisible(t *testing.T) {
	for s, want := range map[string]string{
		"":                        "",
		"kworker/0:1H-kblockd":    "kworker/0:1H-kblockd",
		"with space (and paren)":  "with space (and paren)",
		"Grüße 世界":                "Grüße 世界",
		"e\u0301":                 "e\u0301",
		"\x1b[2J\x1b]0;title\x07": `\x1b[2J\x1b]0;title\x07`,
		"a\nb\r\tc\x00\x7f":       `a\nb\r\tc\x00\x7f`,
		"\u009b31m":               `\u009b31m`,
		"bad \xff\xc3( utf8":      `bad \xff\xc3( utf8`,
		`dev-disk-by\x2duuid`:     `dev-disk-by\\x2duuid`,
		"\u202egnp.exe":           `\u202egnp.exe`,
		"zero\u200bwidth\ufeff":   `zero\u200bwidth\ufeff`,
		"line\u2028break":         `line\u2028break`,
		"no\u00a0break":           `no\u00a0break`,
		"tag\U000e0041":           `tag\U000e0041`,
		"filler\u3164":            `filler\u3164`,
		"star\ufe0f":              `star\ufe0f`,
		"\u0301accent":            `\u0301accent`,
		"a \u0301":                "a " + `\u0301`,
		" ends ":                  `\x20ends\x20`,
		" ":                       `\x20`,
		"�":                       "�",
	} {
		if got := Visible(s); got != want {
			t.Errorf("%q: got %s, want %s", s, got, want)
		}
	}
}

// invert reads an escaped text as the inside of a Go string.
func invert(t *testing.T, escaped string) string {
	var s []byte
	for len(escaped) > 0 {
		r, multibyte, rest, err := strconv.UnquoteChar(escaped, 0)
		if err != nil {
			t.Fatalf("%q: %v", escaped, err)
		}
		if r < utf8.RuneSelf || !multibyte {
			s = append(s, byte(r))
		} else {
			s = utf8.AppendRune(s, r)
		}
		escaped = rest
	}
	return string(s)
}

func FuzzVisible(f *testing.F) {
	for _, s := range []string{"plain", "\x1b[0m", "\\x1b", "\xff\xfe", "\u202e\u2066", " a ", "e\u0301\ufe0f", "世\U0001f600"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Visible(s)
		if !utf8.ValidString(got) {
			t.Errorf("%q becomes %q, which is no UTF-8", s, got)
		}
		for _, r := range got {
			if !unicode.IsPrint(r) || unicode.Is(unicode.Cf, r) {
				t.Errorf("%q becomes %q, which has %U", s, got, r)
			}
		}
		if back := invert(t, got); back != s {
			t.Errorf("%q becomes %q, which stands for %q", s, got, back)
		}
	})
}
