package packages

import "strings"

// compareVersions orders version strings as dpkg does: runs of non-digits
// and runs of digits in turn, digits by value, letters before other
// characters, and a tilde before everything, the end included. It returns a
// negative number, zero or a positive number. Source: deb-version(7).
func compareVersions(a, b string) int {
	for a != "" || b != "" {
		var d int
		if d, a, b = compareText(a, b); d != 0 {
			return d
		}
		if d, a, b = compareNumber(a, b); d != 0 {
			return d
		}
	}
	return 0
}

// compareText compares the leading non-digits and returns what follows them.
func compareText(a, b string) (int, string, string) {
	for startsWithText(a) || startsWithText(b) {
		if d := weight(a) - weight(b); d != 0 {
			return d, a, b
		}
		a, b = a[1:], b[1:]
	}
	return 0, a, b
}

func startsWithText(s string) bool { return s != "" && !isDigit(s[0]) }

// weight is the sort key of the first character of s. The end and a digit
// weigh nothing, which both ends a run of text.
func weight(s string) int {
	switch {
	case s == "" || isDigit(s[0]):
		return 0
	case s[0] == '~':
		return -1
	case s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z':
		return int(s[0])
	}
	return int(s[0]) + 256
}

// compareNumber compares the leading digits by value and returns what follows
// them. Leading zeros do not count; the longer of two numbers is the larger.
func compareNumber(a, b string) (int, string, string) {
	numberA, a := leadingNumber(a)
	numberB, b := leadingNumber(b)
	if d := len(numberA) - len(numberB); d != 0 {
		return d, a, b
	}
	return strings.Compare(numberA, numberB), a, b
}

func leadingNumber(s string) (number, rest string) {
	end := 0
	for end < len(s) && isDigit(s[end]) {
		end++
	}
	return strings.TrimLeft(s[:end], "0"), s[end:]
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
