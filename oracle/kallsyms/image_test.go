package kallsyms

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
)

// layouts are those that kernels have had.
var layouts = []struct {
	name  string
	shape shape
}{
	{"4.5: absolute, wide markers", shape{encoding: "absolute", wide: true}},
	{"4.15: absolute-percpu, wide markers", shape{wide: true}},
	{"4.15: base-relative, wide markers", shape{wide: true, encoding: "base-relative"}},
	{"5.10", shape{}},
	{"5.10 without ABSOLUTE_PERCPU", shape{encoding: "base-relative"}},
	{"5.10 without BASE_RELATIVE", shape{encoding: "absolute"}},
	{"6.1 with sequences", shape{sequences: true}},
	{"6.12", shape{after: true, sequences: true}},
	{"6.12 without ABSOLUTE_PERCPU", shape{after: true, encoding: "base-relative"}},
	{"6.10 without BASE_RELATIVE", shape{after: true, encoding: "absolute"}},
	{"7.0", shape{after: true, encoding: "place-relative"}},
	{"7.2", shape{after: true, encoding: "place-relative", packed: true}},
	{"7.2 with sequences", shape{after: true, encoding: "place-relative", packed: true, sequences: true}},
}

// zeroBased reports whether a shape can hold per-CPU symbols from 0.
func (s shape) zeroBased() bool { return s.encoding == "" || s.encoding == "absolute" }

func TestParseEveryLayout(t *testing.T) {
	for _, l := range layouts {
		for _, n := range []int{1021, 1022} { // an odd and an even number of addresses
			want := symbols(n, l.shape.zeroBased())
			table, err := Parse(imageOf(build(l.shape, want)))
			if err != nil {
				t.Fatalf("%s: %v", l.name, err)
			}
			if diff := cmp.Diff(want, slices.Collect(table.All())); diff != "" {
				t.Fatalf("%s (-want +got):\n%s", l.name, diff)
			}
		}
	}
}

// Without CONFIG_KALLSYMS_ALL there is no linux_banner to go by.
func TestParseWithoutData(t *testing.T) {
	for _, l := range layouts {
		want := symbols(1022, l.shape.zeroBased())
		want = want[:len(want)-2]
		image := imageOf(build(l.shape, want))
		table, err := Parse(image)
		if err != nil {
			t.Fatalf("%s: %v", l.name, err)
		}
		if diff := cmp.Diff(want, slices.Collect(table.All())); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", l.name, diff)
		}
		for _, end := range []oracle.Address{0, testText + 0x1001000, testText + 0x1400000} {
			image.TextEnd = end
			if _, err := Parse(image); !errors.Is(err, ErrNotFound) {
				t.Errorf("%s: text ends at %s: error %v", l.name, end, err)
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	good := symbols(1022, true)
	tests := []struct {
		name   string
		damage func(*Image)
		want   error
	}{
		{"no data", func(i *Image) { i.Data = nil }, ErrNotFound},
		{"another text", func(i *Image) { i.Text += 0x200000 }, ErrNotFound},
		{"another banner", func(i *Image) { i.Data[bannerAt+3] = 'X' }, ErrNotFound},
		{"another base", func(i *Image) { i.Base += 0x1000 }, ErrNotFound},
		{"odd base", func(i *Image) { i.Base++ }, ErrNotFound},
		{"front cut off", func(i *Image) { i.Base += 0x1800; i.Data = i.Data[0x1800:] }, ErrNotFound},
		{"address out of order", func(i *Image) { i.Data[align(tableAt, 8)+4*40] ^= 0xff }, ErrNotFound},
		{"two tables", func(i *Image) { i.Data = append(i.Data[:align(len(i.Data), 8)-8], i.Data...) }, ErrAmbiguous},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			image := imageOf(build(shape{}, good))
			test.damage(&image)
			table, err := Parse(image)
			if !errors.Is(err, test.want) || table != nil {
				t.Errorf("table %v, error %v, want %v", table, err, test.want)
			}
		})
	}
}

// A table whose end is missing is refused, wherever the cut is.
func TestParseTruncated(t *testing.T) {
	whole := build(shape{after: true}, symbols(1022, true))
	end := len(whole) - 1000
	for cut := end - 1; cut > end-6000; cut -= 97 {
		if table, err := Parse(imageOf(whole[:cut:cut])); !errors.Is(err, ErrNotFound) || table != nil {
			t.Fatalf("%d of %d bytes: table %v, error %v", cut, len(whole), table, err)
		}
	}
}

// A name longer than the kernel allows is refused, with and without tokens
// that blow it up, and so is one that has nothing but its type.
func TestParseRefusesNames(t *testing.T) {
	for _, name := range []string{strings.Repeat("Q", 512), strings.Repeat("Q", 600), strings.Repeat("kallsyms_", 57), ""} {
		all := symbols(1022, false)
		all[500].Name = name
		table, err := Parse(imageOf(build(shape{}, all)))
		if legal := len(name) == 512; legal != (err == nil) || legal != (table != nil) {
			t.Errorf("name of %d bytes: error %v", len(name), err)
		}
		if err != nil && !errors.Is(err, ErrNotFound) {
			t.Errorf("name of %d bytes: error %v, want %v", len(name), err, ErrNotFound)
		}
	}
}

// Two encodings that both bear out the anchors leave no answer.
func TestLocateAmbiguous(t *testing.T) {
	all := symbols(1022, false)
	image := imageOf(build(shape{encoding: "base-relative"}, all))
	table, err := Parse(image)
	if err != nil {
		t.Fatal(err)
	}
	at := func(i int) oracle.Address { return all[i].Address }
	if err := table.locate(image, []source{{"one", at}, {"other", at}}); !errors.Is(err, ErrAmbiguous) {
		t.Errorf("error %v, want %v", err, ErrAmbiguous)
	}
}

func FuzzParse(f *testing.F) {
	for _, l := range layouts {
		f.Add(build(l.shape, symbols(800, l.shape.zeroBased())))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := Parse(imageOf(data))
		if err != nil {
			if table != nil {
				t.Fatal("a table in spite of an error")
			}
			return
		}
		if s, ok := table.Symbol("_text"); ok && s.Address != testText {
			t.Fatalf("_text is at %s", s.Address)
		}
		last := oracle.Address(0)
		for s := range table.All() {
			if s.Name == "" || len(s.Name) >= maxName || s.Address < last {
				t.Fatalf("symbol %q at %s after %s", s.Name, s.Address, last)
			}
			last = s.Address
		}
	})
}
