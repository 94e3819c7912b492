package mount

import (
	"context"
	"errors"

	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// shapes knows where this kernel's structures hold what the columns need.
type shapes struct {
	namespace  *object.Plan
	inum, top  object.Member
	membership membership

	mount                              *object.Plan
	parent, mountpoint, root           object.Member
	super, flags, treeFlags            object.Member
	idmap, userNS                      object.Member
	source, id, group, master, mountNS object.Member
	superShape
}

func newShapes(ctx context.Context, k walkers.Kernel) (*shapes, error) {
	s := &shapes{}
	var err error
	if s.namespace, err = plan(ctx, k, "mnt_namespace", "ns"); err != nil {
		return nil, err
	}
	if s.mount, err = plan(ctx, k, "mount", "mnt_parent", "mnt_mountpoint", "mnt"); err != nil {
		return nil, err
	}
	s.inum, s.top = s.namespace.Member("ns.inum"), s.namespace.Member("root")
	s.mountMembers()
	if err := errors.Join(s.namespace.Err(), s.mount.Err()); err != nil {
		return nil, unknownShape(err)
	}
	if s.membership, err = newMembership(s.namespace.Type(), s.mount.Type()); err != nil {
		return nil, err
	}
	s.superShape, err = newSuperShape(ctx, k)
	return s, err
}

func (s *shapes) mountMembers() {
	p := s.mount
	s.parent, s.mountpoint = p.Member("mnt_parent"), p.Member("mnt_mountpoint")
	s.root, s.super = p.Member("mnt.mnt_root"), p.Member("mnt.mnt_sb")
	s.flags, s.treeFlags = p.Member("mnt.mnt_flags"), p.Optional("mnt_t_flags")
	s.idmap, s.userNS = p.Optional("mnt.mnt_idmap"), p.Optional("mnt.mnt_userns")
	s.source, s.id, s.group = p.Member("mnt_devname"), p.Member("mnt_id"), p.Member("mnt_group_id")
	s.master, s.mountNS = p.Member("mnt_master"), p.Member("mnt_ns")
}
