package mount

import (
	"strings"

	"github.com/barescope/barescope/oracle"
)

// flagReadOnly is MNT_READONLY.
const flagReadOnly = 0x40

// flag is one bit and the option that it stands for.
type flag struct {
	bit  uint64
	text string
}

// mountFlags are the flags of a mount in the order in which mountinfo has
// them: MNT_* of include/linux/mount.h.
var mountFlags = []flag{
	{0x01, "nosuid"},
	{0x02, "nodev"},
	{0x04, "noexec"},
	{0x08, "noatime"},
	{0x10, "nodiratime"},
	{0x20, "relatime"},
	{0x80, "nosymfollow"}, // since 5.10, unused before
}

// readOnly says whether something can be written to, as the first option does.
func readOnly(set bool) string {
	if set {
		return "ro"
	}
	return "rw"
}

// texts returns the options that are set.
func texts(flags []flag, set uint64) []string {
	var on []string
	for _, f := range flags {
		if set&f.bit != 0 {
			on = append(on, f.text)
		}
	}
	return on
}

// options returns a mount's own options.
func (s *survey) options(m *mount) string {
	all := append([]string{readOnly(m.flags&flagReadOnly != 0)}, texts(mountFlags, m.flags)...)
	if s.isMapped(m) {
		all = append(all, "idmapped")
	}
	return strings.Join(all, ",")
}

// isMapped reports whether user ids are mapped on the way through the mount.
// Since 6.2 a mount has a mapping, which may be the one that does nothing;
// from 5.12 on it had a user namespace, which may be that of the file system
// or, up to 5.16, always the first one.
func (s *survey) isMapped(m *mount) bool {
	if m.mapping == 0 {
		return false
	}
	if s.shapes.idmap.Present() {
		return s.nopMapping != 0 && m.mapping != s.nopMapping
	}
	sup := s.supers[m.super]
	var owner oracle.Address
	if sup != nil {
		owner = sup.userNS
	}
	return m.mapping != owner && m.mapping != s.initUserNS
}
