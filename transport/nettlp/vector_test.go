package nettlp

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"strings"
	"testing"
)

// fromHex decodes a vector: hexadecimal with any white space, AA*N for a byte
// that is repeated, and comments from "--" to the end of the line.
func fromHex(t testing.TB, text string) []byte {
	t.Helper()
	var b []byte
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "--")
		for field := range strings.FieldsSeq(line) {
			digits, times, repeated := strings.Cut(field, "*")
			v, err := hex.DecodeString(digits)
			if err != nil {
				t.Fatalf("vector %q: %v", text, err)
			}
			n := 1
			if repeated {
				if n, err = strconv.Atoi(times); err != nil {
					t.Fatalf("vector %q: %v", text, err)
				}
			}
			b = append(b, bytes.Repeat(v, n)...)
		}
	}
	return b
}
