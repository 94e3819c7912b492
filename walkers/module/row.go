package module

import (
	"slices"

	"github.com/barescope/barescope/walkers"
)

// referenceBase is the kernel's MODULE_REF_BASE: what a module's counter holds
// when nobody refers to it.
const referenceBase = 1

// permanent stands in the list of users of a module that has no exit function.
const permanent = "[permanent]"

// isKnown reports whether the state of a module is one that the kernel has.
func (l *list) isKnown(i int) bool {
	_, known := l.states[l.modules[i].Uint(l.state)]
	return known && l.modules[i].Readable()
}

// row returns the row of a module.
func (l *list) row(i int) walkers.Row {
	m := &l.modules[i]
	r := walkers.Row{Values: make([]any, len(table.Columns))}
	set := func(column string, value any) { r.Values[table.Index(column)] = value }
	set("address", m.Address)
	add(&r, l.broken(i))
	if !m.Readable() {
		add(&r, walkers.Unreadable)
		return r
	}
	var size uint64
	for _, part := range l.sizes {
		size += m.Uint(part)
	}
	set("name", m.Text(l.name))
	set("size", size)
	set("base", m.Pointer(l.base))
	state, known := l.states[m.Uint(l.state)]
	if known {
		set("state", state)
	} else {
		add(&r, walkers.Corrupt)
	}
	set("taints", taintText(m.Uint(l.taints), state))
	if l.references.Present() {
		set("refcount", m.Int(l.references)-referenceBase)
	}
	if l.usage != nil {
		set("used_by", l.usedBy(i, &r))
	}
	return r
}

// usedBy returns what /proc/modules prints between the commas.
func (l *list) usedBy(i int, r *walkers.Row) []string {
	m, users := &l.modules[i], []string{}
	for _, u := range l.usage[i].uses {
		name, known := l.names[u.source]
		switch {
		case !u.readable || known && name == "":
			add(r, walkers.Unreadable)
		case !known || u.target != m.Address:
			add(r, walkers.Torn)
		default:
			users = append(users, name)
		}
	}
	add(r, walkers.Doubt(l.usage[i].fault))
	if m.Pointer(l.init) != 0 && l.exit.Present() && m.Pointer(l.exit) == 0 {
		users = append(users, permanent)
	}
	return users
}

// broken says what is wrong with the list of modules, for a module that does
// not lead on to the next, and for the last.
func (l *list) broken(i int) walkers.Doubt {
	if l.chain.Doubt == "" || i+1 < len(l.modules) && l.leadsOn(i) {
		return ""
	}
	return walkers.Doubt(l.chain.Doubt)
}

// leadsOn reports whether a module and the next point at each other.
func (l *list) leadsOn(i int) bool {
	m, next := &l.modules[i], &l.modules[i+1]
	return m.Pointer(l.next) == next.Address+l.listOffset && next.Pointer(l.prev) == m.Address+l.listOffset
}

func add(r *walkers.Row, d walkers.Doubt) {
	if d != "" && !slices.Contains(r.Doubt, d) {
		r.Doubt = append(r.Doubt, d)
	}
}
