package render

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible returns s with everything escaped that a terminal would not show as
// a character of its own: control characters, bytes that are no UTF-8,
// characters that reorder, hide or are invisible, spaces other than the plain
// one or at an end, and marks that have nothing to stand on. A backslash is
// doubled: read as the inside of a Go string, the result is s again, so that
// different strings never look the same.
//
//	"a\x1b[2Jb\n" becomes `a\x1b[2Jb\n`
func Visible(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	base := false // whether a mark may follow
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
			base = false
		case r == '\\':
			b.WriteString(`\\`)
			base = false
		case r == ' ' && (b.Len() == 0 || len(s) == 1):
			b.WriteString(`\x20`)
		case isPrintable(r) && (base || !unicode.IsMark(r)):
			b.WriteRune(r)
			base = r != ' '
		default:
			b.WriteString(escape(r))
			base = false
		}
		s = s[size:]
	}
	return b.String()
}

// isPlain reports whether s has nothing but printable ASCII, no backslash and
// no space at an end.
func isPlain(s string) bool {
	if strings.HasPrefix(s, " ") || strings.HasSuffix(s, " ") {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == '\\' {
			return false
		}
	}
	return true
}

// isPrintable reports whether a terminal shows r as a character. Some letters
// and marks are not: fillers and variation selectors.
func isPrintable(r rune) bool {
	return unicode.IsPrint(r) &&
		!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// escape returns r as it is written in a Go string.
func escape(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < utf8.RuneSelf:
		return fmt.Sprintf(`\x%02x`, r)
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}
