package walkertest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/walkers"
)

// fixed is a walker that yields given rows.
type fixed []walkers.Row

func (fixed) Table() *walkers.Table {
	return &walkers.Table{Name: "things", Columns: []walkers.Column{
		{Name: "address", Type: walkers.Pointer}, {Name: "born", Type: walkers.Time}, {Name: "name", Type: walkers.Text},
	}}
}

func (f fixed) Walk(_ context.Context, _ walkers.Kernel, _ walkers.Query, emit func(walkers.Row) error) error {
	for _, r := range f {
		if err := emit(r); err != nil {
			return err
		}
	}
	return nil
}

func TestRunNamesValues(t *testing.T) {
	w := fixed{
		{Values: []any{oracle.Address(1), BootTime, "a"}},
		{Values: []any{oracle.Address(2), nil, ""}, Doubt: []walkers.Doubt{walkers.Torn}},
	}
	want := []map[string]any{
		{"address": oracle.Address(1), "born": BootTime, "name": "a"},
		{"address": oracle.Address(2), "name": "", "doubt": []walkers.Doubt{"torn"}},
	}
	if diff := cmp.Diff(want, Run(t, New(t), w, walkers.Query{})); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestCheck(t *testing.T) {
	sound := []any{oracle.Address(1), BootTime, "a"}
	tests := []struct {
		name string
		row  walkers.Row
		ok   bool
	}{
		{"sound", walkers.Row{Values: sound}, true},
		{"nothing known", walkers.Row{Values: []any{nil, nil, nil}}, true},
		{"too few values", walkers.Row{Values: sound[:2]}, false},
		{"another type", walkers.Row{Values: []any{uint64(1), BootTime, "a"}}, false},
		{"a type no column has", walkers.Row{Values: []any{oracle.Address(1), BootTime, []byte("a")}}, false},
		{"time of another zone", walkers.Row{Values: []any{oracle.Address(1), BootTime.In(time.FixedZone("x", 60)), "a"}}, false},
		{"doubt twice", walkers.Row{Values: sound, Doubt: []walkers.Doubt{"torn", "torn"}}, false},
		{"empty doubt", walkers.Row{Values: sound, Doubt: []walkers.Doubt{""}}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := Check(fixed{}.Table(), test.row); (err == nil) != test.ok {
				t.Errorf("error %v", err)
			}
		})
	}
}
