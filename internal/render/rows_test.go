package render

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/walkers"
)

var tasks = &walkers.Table{Name: "tasks", Columns: []walkers.Column{
	{Name: "address", Type: walkers.Pointer},
	{Name: "phys", Type: walkers.PhysicalAddress, Wide: true},
	{Name: "pid", Type: walkers.Integer},
	{Name: "kthread", Type: walkers.Boolean},
	{Name: "name", Type: walkers.Text},
	{Name: "start_time", Type: walkers.Time},
	{Name: "used_by", Type: walkers.TextList},
	{Name: "size", Type: walkers.Unsigned},
}}

var start = time.Date(2026, 11, 22, 23, 4, 5, 60, time.FixedZone("", -3600))

var taskRows = []walkers.Row{
	{Values: []any{oracle.Address(0xffff888000001000), transport.Address(0x1000), int64(1), true, "init", start, []string{"a", "b"}, uint64(1<<64 - 1)}},
	{Values: []any{oracle.Address(0xffff888000002000), nil, int64(-20), false, "世\x1b[1m\xff\n\u202e", nil, []string{}, nil}},
}

var doubtful = walkers.Row{
	Values: []any{nil, nil, nil, nil, nil, nil, nil, nil},
	Doubt:  []walkers.Doubt{walkers.Torn, walkers.Unreadable},
}

// render writes rows and returns the text.
func render(t *testing.T, o Options, rows ...walkers.Row) string {
	t.Helper()
	var out strings.Builder
	w := NewRows(&out, tasks, o)
	for _, row := range rows {
		if err := w.Row(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestRows(t *testing.T) {
	doubted := []walkers.Row{taskRows[0], doubtful}
	tests := []struct {
		name string
		o    Options
		rows []walkers.Row
		want string
	}{
		{"table", Options{}, taskRows, `
ADDRESS             PID  KTHREAD  NAME                   START_TIME            USED_BY                  SIZE
0xffff888000001000    1  true     init                   2026-11-23T00:04:05Z  a,b      18446744073709551615
0xffff888000002000  -20  false    世\x1b[1m\xff\n\u202e  -                                                 -
`},
		{"table without rows", Options{Wide: true}, nil, `
ADDRESS  PHYS  PID  KTHREAD  NAME  START_TIME  USED_BY  SIZE
`},
		{"wide table with doubt", Options{Wide: true}, doubted, `
ADDRESS             PHYS    PID  KTHREAD  NAME  START_TIME            USED_BY                  SIZE  DOUBT
0xffff888000001000  0x1000    1  true     init  2026-11-23T00:04:05Z  a,b      18446744073709551615
-                   -         -  -        -     -                     -                           -  torn,unreadable
`},
		{"narrow table", Options{Width: 40}, taskRows, `
ADDRESS             PID  KTHREAD  NAME +
0xffff888000001000    1  true     init +
0xffff888000002000  -20  false    世\x1+
`},
		{"narrow table with doubt", Options{Width: 40}, doubted, `
ADDRESS             PI+  DOUBT
0xffff888000001000    +
-                     +  torn,unreadable
`},
		{"json", Options{Format: JSON}, taskRows, `
[
{"address":"0xffff888000001000","phys":"0x1000","pid":1,"kthread":true,"name":"init","start_time":"2026-11-23T00:04:05.000000060Z","used_by":["a","b"],"size":18446744073709551615,"doubt":[]},
{"address":"0xffff888000002000","phys":null,"pid":-20,"kthread":false,"name":"世\u001b[1m�\n\u202e","start_time":null,"used_by":[],"size":null,"doubt":[]}
]
`},
		{"json without rows", Options{Format: JSON}, nil, `
[]
`},
		{"jsonl", Options{Format: JSONLines}, []walkers.Row{doubtful}, `
{"address":null,"phys":null,"pid":null,"kthread":null,"name":null,"start_time":null,"used_by":null,"size":null,"doubt":["torn","unreadable"]}
`},
		{"jsonl without rows", Options{Format: JSONLines}, nil, "\n"},
		{"csv", Options{Format: CSV}, append(taskRows[:2:2], doubtful), `
address,phys,pid,kthread,name,start_time,used_by,size,doubt
0xffff888000001000,0x1000,1,true,init,2026-11-23T00:04:05.000000060Z,"a,b",18446744073709551615,
0xffff888000002000,,-20,false,"世` + "\x1b[1m\xff\n\u202e" + `",,,,
,,,,,,,,"torn,unreadable"
`},
		{"csv without rows", Options{Format: CSV}, nil, `
address,phys,pid,kthread,name,start_time,used_by,size,doubt
`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want[1:], render(t, test.o, test.rows...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRowsRefuseWhatDoesNotFit(t *testing.T) {
	for f := Aligned; f <= CSV; f++ {
		var out strings.Builder
		w := NewRows(&out, tasks, Options{Format: f})
		if err := w.Row(walkers.Row{Values: []any{nil}}); err == nil {
			t.Errorf("%v: a row with too few values is written", f)
		}
		odd := walkers.Row{Values: []any{nil, nil, nil, nil, nil, nil, nil, 1.5}}
		if err := w.Row(odd); err == nil || !strings.Contains(err.Error(), "column size") {
			t.Errorf("%v: got %v for a value of no column's type", f, err)
		}
		if err := w.Close(); err != nil || out.String() != render(t, Options{Format: f}) {
			t.Errorf("%v: got %q, %v; want as without rows", f, out.String(), err)
		}
	}
}

// broken refuses all writes.
type broken struct{}

var errBroken = errors.New("broken pipe")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestRowsReturnWriteErrors(t *testing.T) {
	for f := Aligned; f <= CSV; f++ {
		w := NewRows(broken{}, tasks, Options{Format: f})
		row := w.Row(taskRows[0])
		if f == Aligned {
			row = w.Close()
		}
		if !errors.Is(row, errBroken) {
			t.Errorf("%v: got %v", f, row)
		}
	}
}

// pieces counts writes.
type pieces struct {
	strings.Builder
	writes int
}

func (p *pieces) Write(b []byte) (int, error) { p.writes++; return p.Builder.Write(b) }

// A consumer of a slow walk sees each row when it is there.
func TestRowsAreWrittenAtOnce(t *testing.T) {
	for _, f := range []Format{JSON, JSONLines, CSV} {
		var out pieces
		w := NewRows(&out, tasks, Options{Format: f})
		for i, row := range taskRows {
			if err := w.Row(row); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out.String(), row.Values[0].(oracle.Address).String()) {
				t.Errorf("%v: row %d is held back", f, i)
			}
		}
	}
}

func FuzzRows(f *testing.F) {
	f.Add("init", "a", 40)
	f.Add("世\x1b[1m\xff\n\u202e\u009b", "\",\r\n", 3)
	f.Fuzz(func(t *testing.T, name, user string, width int) {
		row := walkers.Row{
			Values: []any{nil, nil, int64(1), nil, name, nil, []string{user}, nil},
			Doubt:  []walkers.Doubt{walkers.Doubt(user)},
		}
		for _, r := range render(t, Options{Width: width}, row) {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Errorf("table has %U", r)
			}
		}
		var got []map[string]any
		text := render(t, Options{Format: JSON}, row)
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if want := string([]rune(name)); got[0]["name"] != want {
			t.Errorf("name is %q, want %q", got[0]["name"], want)
		}
		for _, r := range text {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Errorf("JSON has %U", r)
			}
		}
		lines, err := csv.NewReader(strings.NewReader(render(t, Options{Format: CSV}, row))).ReadAll()
		if err != nil || len(lines) != 2 {
			t.Errorf("got %q, %v", lines, err)
		}
	})
}
