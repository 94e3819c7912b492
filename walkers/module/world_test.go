package module

import (
	"testing"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

// generation chooses how struct module keeps a module's memory.
type generation int

const (
	pieces  generation = iota // since 6.4
	layouts                   // since 4.5
	members
	// noUnload is a kernel without CONFIG_MODULE_UNLOAD.
	noUnload
)

// world is a kernel made by hand, with modules.
type world struct {
	*wt.Kernel
	module, use *layout.Type
	head        oracle.Address
	modules     []oracle.Address
	// uses are the entries of each module's list of users.
	uses [][]oracle.Address
}

// fakeModule is a module of a world: Live, of 0x3000 bytes, unless it says
// otherwise.
type fakeModule struct {
	name       string
	state      int
	references int
	taints     uint64
	permanent  bool
	users      []int // indexes of the modules that use it
	initSize   int
}

func newWorld(t testing.TB, g generation) *world {
	w := &world{Kernel: wt.New(t)}
	list := []layout.Member{wt.Member("state", wt.Enum("module_state")), wt.Member("list", wt.ListHead),
		wt.Member("name", wt.Array(56, wt.Char)), wt.Member("init", wt.Pointer)}
	switch piece := wt.Struct("module_memory", wt.Member("base", wt.Pointer), wt.Member("is_rox", wt.Bool), wt.Member("size", wt.Uint)); g {
	case layouts:
		part := wt.Struct("module_layout", wt.Member("base", wt.Pointer), wt.Member("size", wt.Uint))
		list = append(list, wt.Member("core_layout", part), wt.Member("init_layout", part))
	case members:
		list = append(list, wt.Member("module_core", wt.Pointer), wt.Member("init_size", wt.Uint), wt.Member("core_size", wt.Uint))
	default:
		list = append(list, wt.Member("mem", wt.Array(7, piece)))
	}
	list = append(list, wt.Member("taints", wt.Long))
	if g != noUnload {
		list = append(list, wt.Member("source_list", wt.ListHead), wt.Member("exit", wt.Pointer),
			wt.Member("refcnt", wt.Struct("", wt.Member("counter", wt.Int))))
	}
	w.module = w.Define(wt.Struct("module", list...))
	w.use = w.Define(wt.Struct("module_use", wt.Member("source_list", wt.ListHead), wt.Member("target_list", wt.ListHead),
		wt.Member("source", wt.Pointer), wt.Member("target", wt.Pointer)))
	w.Define(wt.Enum("module_state", "MODULE_STATE_LIVE", "MODULE_STATE_COMING", "MODULE_STATE_GOING", "MODULE_STATE_UNFORMED"))
	w.head = w.Reserve(16)
	w.Label("modules", w.head)
	return w
}

// base is where the code of every module of a world lies.
const base oracle.Address = 0xffffffffc0374000

// populate makes modules and the lists they are on.
func (w *world) populate(modules ...fakeModule) {
	var nodes []oracle.Address
	for _, m := range modules {
		a := w.Place(w.module, wt.Values{"name": m.name, "state": m.state, "taints": m.taints, "init": base})
		w.modules = append(w.modules, a)
		w.fill(a, m)
		nodes = append(nodes, a+w.Offset(w.module, "list"))
	}
	w.List(w.head, nodes...)
	if !w.module.Has("source_list") {
		return
	}
	for i, m := range modules {
		var uses []oracle.Address
		for _, user := range m.users {
			uses = append(uses, w.Place(w.use, wt.Values{"source": w.modules[user], "target": w.modules[i]}))
		}
		w.uses = append(w.uses, uses)
		w.List(w.modules[i]+w.Offset(w.module, "source_list"), uses...)
	}
}

// fill sets the members that not every kernel has.
func (w *world) fill(a oracle.Address, m fakeModule) {
	values := wt.Values{"core_layout.base": base, "core_layout.size": 0x3000, "init_layout.size": m.initSize,
		"module_core": base, "core_size": 0x3000, "init_size": m.initSize,
		"mem[0].base": base, "mem[0].size": 0x1000, "mem[1].size": 0x1000, "mem[3].size": 0x1000, "mem[4].size": m.initSize,
		"refcnt.counter": m.references + 1, "exit": base}
	if m.permanent {
		values["exit"] = 0
	}
	for path, value := range values {
		if w.module.Has(path) {
			w.Set(w.module, a, path, value)
		}
	}
}
