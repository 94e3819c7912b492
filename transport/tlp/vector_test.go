package tlp_test

import (
	"encoding/hex"
	"strings"
	"testing"
)

// fromHex decodes a vector: hexadecimal with any white space, and comments
// from "--" to the end of the line.
func fromHex(t testing.TB, text string) []byte {
	t.Helper()
	var digits strings.Builder
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "--")
		for field := range strings.FieldsSeq(line) {
			digits.WriteString(field)
		}
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		t.Fatalf("vector %q: %v", text, err)
	}
	return b
}
