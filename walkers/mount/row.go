package mount

import (
	"slices"
	"strings"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/walkers"
	"github.com/barescope/barescope/walkers/vfs"
)

// row is one row on its way.
type row struct {
	values []any
	doubt  []walkers.Doubt
}

// set gives a column its value.
func (r *row) set(column string, value any) { r.values[table.Index(column)] = value }

// doubts adds a doubt, unless it is empty or there already.
func (r *row) doubts(d walkers.Doubt) {
	if d != "" && !slices.Contains(r.doubt, d) {
		r.doubt = append(r.doubt, d)
	}
}

// rows returns the rows of one namespace. One without mounts, which no
// namespace is, is a row that says why.
func (s *survey) rows(ns *namespace) []walkers.Row {
	var all []walkers.Row
	for _, a := range ns.mounts {
		all = append(all, s.row(ns, a))
	}
	if len(all) == 0 && ns.doubt != "" {
		r := s.newRow(ns)
		all = append(all, walkers.Row{Values: r.values, Doubt: r.doubt})
	}
	return all
}

func (s *survey) newRow(ns *namespace) *row {
	r := &row{values: make([]any, len(table.Columns))}
	r.doubts(ns.doubt)
	if ns.inum != 0 {
		r.set("namespace", ns.inum)
	}
	return r
}

func (s *survey) row(ns *namespace, a oracle.Address) walkers.Row {
	r, m := s.newRow(ns), s.mounts[a]
	r.set("address", a)
	if !m.readable {
		r.doubts(walkers.Unreadable)
		return walkers.Row{Values: r.values, Doubt: r.doubt}
	}
	if m.namespace != ns.address {
		r.doubts(walkers.Torn)
	}
	s.setIDs(r, m)
	s.setPaths(r, ns, m)
	r.set("options", s.options(m))
	r.set("propagation", s.propagation(ns, m))
	if s.masterUnknown(m) {
		r.doubts(walkers.Unreadable)
	}
	s.setSuper(r, m)
	return walkers.Row{Values: r.values, Doubt: r.doubt}
}

func (s *survey) setIDs(r *row, m *mount) {
	r.set("mount_id", m.id)
	if parent := s.mounts[m.parent]; parent != nil && parent.readable {
		r.set("parent_id", parent.id)
	} else {
		r.doubts(walkers.Unreadable)
	}
}

func (s *survey) mountPoint(ns *namespace, a oracle.Address) vfs.Path {
	return s.tree.Path(vfs.Location{Mount: a, Dentry: s.mounts[a].root}, ns.root)
}

func (s *survey) setPaths(r *row, ns *namespace, m *mount) {
	at := s.mountPoint(ns, m.address)
	if at.Doubt != "" {
		r.doubts(at.Doubt)
	} else {
		r.set("mount_point", at.Text)
		if !at.Reachable {
			r.doubts(Unreachable)
		}
	}
	root := s.rootPath(m)
	if root.Doubt != "" {
		r.doubts(root.Doubt)
		return
	}
	r.set("root", root.Text)
}

// rootPath returns which part of its file system is mounted. That of a file of
// a namespace is its name, and that of a deleted file says so.
func (s *survey) rootPath(m *mount) vfs.Path {
	if name, ok := s.nsFiles[m.root]; ok {
		return vfs.Path{Text: name, Reachable: true}
	}
	p := s.tree.DentryPath(m.root)
	if p.Doubt == "" && s.tree.Deleted(m.root) {
		p.Text += "//deleted"
	}
	return p
}

// setSuper sets what the super block tells.
func (s *survey) setSuper(r *row, m *mount) {
	sb := s.supers[m.super]
	if sb == nil || !sb.readable {
		r.doubts(walkers.Unreadable)
		return
	}
	r.set("device", sb.deviceText())
	s.setSource(r, m, sb)
	r.set("super_options", strings.Join(append(sb.generic(), sb.own...), ","))
	if sb.doubt != "" {
		r.doubts(sb.doubt)
	} else {
		r.set("fstype", sb.fstype())
	}
	if sb.inexact || s.labelled {
		r.doubts(GenericOptions)
	}
}

func (s *survey) setSource(r *row, m *mount, sb *super) {
	if sb.showSource != 0 {
		r.doubts(GenericSource)
	}
	text := s.texts[m.source]
	switch {
	case m.source == 0:
		r.set("source", "none")
	case text.Complete:
		r.set("source", text.Value)
	default:
		r.doubts(walkers.Unreadable)
	}
}
