package mount

import (
	"fmt"
	"strings"

	"github.com/barescope/barescope/oracle"
)

// maxMasters bounds a chain of masters.
const maxMasters = 4096

// propagationFlags say how mounting and unmounting spread from a mount.
type propagationFlags struct{ shared, unbindable bool }

// newPropagationFlags decodes MNT_SHARED and MNT_UNBINDABLE of mnt_flags.
func newPropagationFlags(flags uint64) propagationFlags {
	return propagationFlags{shared: flags&0x1000 != 0, unbindable: flags&0x2000 != 0}
}

// newTreeFlags decodes T_SHARED and T_UNBINDABLE of mnt_t_flags.
func newTreeFlags(flags uint64) propagationFlags {
	return propagationFlags{shared: flags&1 != 0, unbindable: flags&2 != 0}
}

// propagation returns the optional fields of mountinfo.
func (s *survey) propagation(ns *namespace, m *mount) string {
	var fields []string
	if m.propagates.shared {
		fields = append(fields, fmt.Sprintf("shared:%d", m.group))
	}
	if m.master != 0 {
		fields = append(fields, s.masters(ns, m)...)
	}
	if m.propagates.unbindable {
		fields = append(fields, "unbindable")
	}
	return strings.Join(fields, " ")
}

// masters returns the group that a mount receives events from and, when no
// member of it can be seen from the namespace's root, the nearest group above
// that has one.
func (s *survey) masters(ns *namespace, m *mount) []string {
	master := s.mounts[m.master]
	if master == nil || !master.readable {
		return nil
	}
	fields := []string{fmt.Sprintf("master:%d", master.group)}
	visible := s.visibleGroups(ns)
	at := master
	for i := 0; at != nil && i < maxMasters; i++ {
		if visible[at.group] {
			if at.group != master.group {
				fields = append(fields, fmt.Sprintf("propagate_from:%d", at.group))
			}
			break
		}
		at = s.mounts[at.master]
	}
	return fields
}

// visibleGroups returns the peer groups that have a member in the namespace
// which can be reached from its root. The members of a group have its id.
func (s *survey) visibleGroups(ns *namespace) map[int64]bool {
	if ns.visible != nil {
		return ns.visible
	}
	ns.visible = make(map[int64]bool)
	for _, a := range ns.mounts {
		m := s.mounts[a]
		if m.group != 0 && m.propagates.shared && s.mountPoint(ns, a).Reachable {
			ns.visible[m.group] = true
		}
	}
	return ns.visible
}

// masterUnknown reports whether a mount has a master that could not be read.
func (s *survey) masterUnknown(m *mount) bool {
	master := s.mounts[m.master]
	return m.master != oracle.Address(0) && (master == nil || !master.readable)
}
