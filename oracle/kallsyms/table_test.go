package kallsyms

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
)

func testTable(t *testing.T) *Table {
	t.Helper()
	table, err := Parse(imageOf(build(shape{}, symbols(1022, true))))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestSymbol(t *testing.T) {
	table := testTable(t)
	got, ok := table.Symbol("linux_banner")
	want := oracle.Symbol{Name: "linux_banner", Address: testBase + bannerAt, Type: 'D'}
	if !ok || got != want {
		t.Errorf("got %v, %t, want %v", got, ok, want)
	}
	for _, name := range []string{"", "linux_banne", "Dlinux_banner", "linux_banner2"} {
		if got, ok := table.Symbol(name); ok {
			t.Errorf("%q: got %v, want none", name, got)
		}
	}
}

func TestLookup(t *testing.T) {
	table := testTable(t)
	name := strings.Repeat("Qx", 100)
	var want []oracle.Symbol
	for s := range table.All() {
		if s.Name == name {
			want = append(want, s)
		}
	}
	if len(want) < 2 {
		t.Fatalf("%d symbols of that name, want several", len(want))
	}
	if diff := cmp.Diff(want, table.Lookup(name)); diff != "" {
		t.Errorf("symbols (-want +got):\n%s", diff)
	}
	if got := table.Lookup("absent"); got != nil {
		t.Errorf("absent: got %v", got)
	}
}

func TestNearest(t *testing.T) {
	table := testTable(t)
	tests := []struct {
		address oracle.Address
		name    string
		offset  uint64
	}{
		{0, "fixed_percpu_data", 0},
		{testText, "startup_64", 0}, // the first of three
		{testText + 0xff, "startup_64", 0xff},
		{testText + 0x141, "sys_init_kallsyms_b7", 1},
		{testBase + bannerAt, "linux_banner", 0},
		{^oracle.Address(0), "jiffies_64", uint64(^(testBase + 0x900000))},
	}
	for _, test := range tests {
		got, offset, ok := table.Nearest(test.address)
		if !ok || got.Name != test.name || offset != test.offset {
			t.Errorf("%s: got %s+%#x, %t, want %s+%#x", test.address, got.Name, offset, ok, test.name, test.offset)
		}
	}
	if _, _, ok := (&Table{}).Nearest(testText); ok {
		t.Error("an empty table has a nearest symbol")
	}
}

func TestNearestBelowTheFirst(t *testing.T) {
	table, err := Parse(imageOf(build(shape{encoding: "base-relative"}, symbols(1022, false))))
	if err != nil {
		t.Fatal(err)
	}
	if s, _, ok := table.Nearest(testText - 1); ok {
		t.Errorf("got %v, want none", s)
	}
}

func TestAllStops(t *testing.T) {
	n := 0
	for range testTable(t).All() {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("%d symbols, want 3", n)
	}
}
