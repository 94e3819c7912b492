package module

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/walkers"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

// some are the modules that most tests need.
func some() []fakeModule {
	return []fakeModule{
		{name: "ext4", state: 1, references: 1, initSize: 0x800},
		{name: "bad", references: 2, taints: 1<<12 | 1<<13, permanent: true},
		{name: "jbd2", references: 1, users: []int{0}},
		{name: "going", state: 2, references: -1, taints: 1},
		{name: "unformed", state: 3},
		{name: "mbcache", references: 2, users: []int{3, 0}, permanent: true},
	}
}

// proc returns rows as /proc/modules prints them, with doubts behind.
func proc(rows []map[string]any) []string {
	var lines []string
	for _, r := range rows {
		users := ""
		list, _ := r["used_by"].([]string)
		for _, u := range list {
			users += u + ","
		}
		if users == "" {
			users = "-"
		}
		line := fmt.Sprintf("%v %v %v %v %v %v %v", r["name"], r["size"], r["refcount"], users, r["state"], r["base"], r["taints"])
		if d, ok := r["doubt"]; ok {
			line += fmt.Sprint(d)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestRows(t *testing.T) {
	want := []string{
		"ext4 14336 1 - Loading 0xffffffffc0374000 ",
		"bad 12288 2 [permanent], Live 0xffffffffc0374000 (OE)",
		"jbd2 12288 1 ext4, Live 0xffffffffc0374000 ",
		"going 12288 -1 - Unloading 0xffffffffc0374000 (P-)",
		"mbcache 12288 2 going,ext4,[permanent], Live 0xffffffffc0374000 ",
	}
	for _, g := range []generation{pieces, layouts, members} {
		w := newWorld(t, g)
		w.populate(some()...)
		rows := wt.Run(t, w, Walker{}, walkers.Query{})
		if diff := cmp.Diff(want, proc(rows)); diff != "" {
			t.Errorf("generation %d (-want +got):\n%s", g, diff)
		}
		if rows[0]["address"] != w.modules[0] {
			t.Errorf("address %v, want %v", rows[0]["address"], w.modules[0])
		}
	}
}

func TestRowsWithoutUnloading(t *testing.T) {
	w := newWorld(t, noUnload)
	w.populate(fakeModule{name: "a", taints: 1 << 10})
	want := []map[string]any{{"address": w.modules[0], "name": "a", "size": uint64(0x3000), "base": base, "state": "Live", "taints": "(C)"}}
	if diff := cmp.Diff(want, wt.Run(t, w, Walker{}, walkers.Query{})); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestNoModules(t *testing.T) {
	w := newWorld(t, pieces)
	w.populate()
	if rows := wt.Run(t, w, Walker{}, walkers.Query{}); len(rows) != 0 {
		t.Errorf("rows %v", rows)
	}
}

func TestDamage(t *testing.T) {
	sound := func(name string) string { return name + " 12288 0 - Live 0xffffffffc0374000 " }
	node := func(w *world, i int, path string) oracle.Address { return w.modules[i] + w.Offset(w.module, path) }
	tests := []struct {
		name   string
		damage func(w *world)
		want   []string
	}{
		{"nothing", func(*world) {}, []string{sound("a"), "b 12288 1 c, Live 0xffffffffc0374000 ", sound("c"), sound("d")}},
		{"state is none", func(w *world) { w.Set(w.module, w.modules[0], "state", 9) },
			[]string{"a 12288 0 - <nil> 0xffffffffc0374000 [corrupt]", "b 12288 1 c, Live 0xffffffffc0374000 ", sound("c"), sound("d")}},
		{"name cannot be read", func(w *world) { w.Fail(node(w, 2, "name"), 56, transport.Timeout) },
			[]string{sound("a"), "b 12288 1 - Live 0xffffffffc0374000 [unreadable]", "<nil> <nil> <nil> - <nil> <nil> <nil>[unreadable]", sound("d")}},
		{"user is no module", func(w *world) { w.Set(w.use, w.uses[1][0], "source", 0x1234) },
			[]string{sound("a"), "b 12288 1 - Live 0xffffffffc0374000 [torn]", sound("c"), sound("d")}},
		{"use is of another module", func(w *world) { w.Set(w.use, w.uses[1][0], "target", w.modules[0]) },
			[]string{sound("a"), "b 12288 1 - Live 0xffffffffc0374000 [torn]", sound("c"), sound("d")}},
		{"use cannot be read", func(w *world) { w.Fail(w.uses[1][0]+w.Offset(w.use, "target"), 8, transport.Timeout) },
			[]string{sound("a"), "b 12288 1 - Live 0xffffffffc0374000 [unreadable]", sound("c"), sound("d")}},
		{"list of users leads astray", func(w *world) { w.Words(node(w, 0, "source_list"), 7, 7) },
			[]string{sound("a") + "[corrupt]", "b 12288 1 c, Live 0xffffffffc0374000 ", sound("c"), sound("d")}},
		{"list of modules leads astray", func(w *world) { w.Words(node(w, 1, "list"), 7) },
			[]string{sound("a"), "b 12288 1 c, Live 0xffffffffc0374000 [corrupt]", sound("c"), sound("d") + "[corrupt]"}},
		{"list of modules leads back", func(w *world) { w.Words(node(w, 3, "list"), node(w, 3, "list")) },
			[]string{sound("a"), "b 12288 1 c, Live 0xffffffffc0374000 ", sound("c"), sound("d") + "[torn]"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, pieces)
			w.populate(fakeModule{name: "a"}, fakeModule{name: "b", references: 1, users: []int{2}}, fakeModule{name: "c"}, fakeModule{name: "d"})
			test.damage(w)
			if diff := cmp.Diff(test.want, proc(wt.Run(t, w, Walker{}, walkers.Query{}))); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSteps(t *testing.T) {
	steps := func(n int) int {
		w := newWorld(t, pieces)
		var all []fakeModule
		for i := range n {
			all = append(all, fakeModule{name: fmt.Sprint(i), users: []int{(i + 1) % n, (i + 2) % n}})
		}
		w.populate(all...)
		c := wt.Count(w)
		if rows := wt.Run(t, c, Walker{}, walkers.Query{}); len(rows) != n {
			t.Fatalf("%d rows, want %d", len(rows), n)
		}
		return c.Counts().Batches
	}
	for _, n := range []int{4, 100, 300} {
		if got := steps(n); got > n/2+6 {
			t.Errorf("%d steps for %d modules", got, n)
		}
	}
}

func TestErrors(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	stop := errors.New("stop")
	tests := []struct {
		name    string
		ctx     context.Context
		without string
		damage  func(w *world)
		emit    error
		want    error
	}{
		{name: "cancelled", ctx: cancelled, want: context.Canceled},
		{name: "emit", emit: stop, want: stop},
		{name: "head cannot be read", damage: func(w *world) { w.Fail(w.head, 16, transport.Timeout) }, want: oracle.ErrContradiction},
		{name: "no symbol", without: "modules", want: oracle.ErrUnknownSymbol},
		{name: "no module", without: "module", want: walkers.ErrUnknownShape},
		{name: "no states", without: "module_state", want: walkers.ErrUnknownShape},
		{name: "no uses", without: "module_use", want: walkers.ErrUnknownShape},
	}
	for _, test := range tests {
		w := newWorld(t, pieces)
		w.populate(some()...)
		if test.damage != nil {
			test.damage(w)
		}
		if test.ctx == nil {
			test.ctx = t.Context()
		}
		err := Walker{}.Walk(test.ctx, partial{w, test.without}, walkers.Query{}, func(walkers.Row) error { return test.emit })
		if !errors.Is(err, test.want) {
			t.Errorf("%s: error %v, want %v", test.name, err, test.want)
		}
	}
}

// partial is a kernel that does not know one type or symbol.
type partial struct {
	*world
	without string
}

func (p partial) Type(ctx context.Context, kind layout.Kind, name string, members ...string) (*layout.Type, error) {
	if name == p.without {
		return nil, layout.ErrUnknownType
	}
	return p.world.Type(ctx, kind, name, members...)
}

func (p partial) Symbol(ctx context.Context, name string) (oracle.Address, error) {
	if name == p.without {
		return 0, oracle.ErrUnknownSymbol
	}
	return p.world.Symbol(ctx, name)
}

func TestTaintText(t *testing.T) {
	tests := []struct {
		flags uint64
		state string
		want  string
	}{
		{0, live, ""},
		{0, loading, ""},
		{1, live, "(P)"},
		{1<<12 | 1<<13, live, "(OE)"},
		{1<<10 | 1<<15 | 1<<16, loading, "(CKX+)"},
		{1<<1 | 1<<18, unloading, "(FN-)"},
		{1<<19 | 1<<63, live, "(J?)"},
	}
	for _, test := range tests {
		if got := taintText(test.flags, test.state); got != test.want {
			t.Errorf("%#x, %s: %q, want %q", test.flags, test.state, got, test.want)
		}
	}
}
