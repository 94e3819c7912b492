package bench

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTable(t *testing.T) {
	var got table
	got.add("read", "rate")
	got.add(16, 1.5)
	want := "| read | rate |\n|---|---|\n| 16 | 1.5 |\n"
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Error(diff)
	}
}

func TestReplaceSection(t *testing.T) {
	const document = "# A\n<!-- begin a -->\nold\n<!-- end a -->\nand\n<!-- begin b -->\n"
	got, err := replaceSection(document, "a", "new\n")
	if err != nil {
		t.Fatal(err)
	}
	want := "# A\n<!-- begin a -->\nnew\n<!-- end a -->\nand\n<!-- begin b -->\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, name := range []string{"b", "c"} {
		if got, err := replaceSection(document, name, "new\n"); !errors.Is(err, ErrNoSection) || got != "" {
			t.Errorf("section %s: %q, %v", name, got, err)
		}
	}
}
