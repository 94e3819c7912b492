package vfs

import (
	"context"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// Location is a path as the kernel holds one. The zero Location is none.
type Location struct {
	// Mount is the address of a struct mount, not of the vfsmount in it;
	// see [Tree.MountOf].
	Mount oracle.Address
	// Dentry is the address of a struct dentry of the mount's file system.
	Dentry oracle.Address
}

// Mount is what climbing needs to know of a struct mount.
type Mount struct {
	// Parent is the mount that this one is mounted in, or the mount itself
	// when it is the root of its namespace.
	Parent oracle.Address
	// Mountpoint is the dentry in Parent that it is mounted on.
	Mountpoint oracle.Address
	// Root is the dentry that is seen at the mount point.
	Root oracle.Address
	// Doubt is set on a mount that could not be read.
	Doubt walkers.Doubt
}

// mountShape knows where a struct mount holds what is wanted.
type mountShape struct {
	plan                     *object.Plan
	parent, mountpoint, root object.Member
	// vfs is the offset of the vfsmount in the mount.
	vfs oracle.Address
}

func newMountShape(ctx context.Context, k walkers.Kernel) (*mountShape, error) {
	typ, err := k.Type(ctx, layout.Struct, "mount", "mnt_parent", "mnt_mountpoint", "mnt")
	if err != nil {
		return nil, fmt.Errorf("mounts: %w: %w", walkers.ErrUnknownShape, err)
	}
	s := &mountShape{plan: object.NewPlan(typ)}
	s.parent, s.mountpoint = s.plan.Member("mnt_parent"), s.plan.Member("mnt_mountpoint")
	s.root = s.plan.Member("mnt.mnt_root")
	if err := s.plan.Err(); err != nil {
		return nil, fmt.Errorf("mounts: %w: %w", walkers.ErrUnknownShape, err)
	}
	f, err := typ.Field("mnt")
	s.vfs = oracle.Address(f.Offset)
	return s, err
}

// mount takes what was read of one.
func (s *mountShape) mount(o *object.Object) *Mount {
	m := &Mount{Parent: o.Pointer(s.parent), Mountpoint: o.Pointer(s.mountpoint), Root: o.Pointer(s.root)}
	switch {
	case !o.Readable():
		m.Doubt = walkers.Unreadable
	case !m.Parent.IsKernel() || !m.Mountpoint.IsKernel() || !m.Root.IsKernel():
		m.Doubt = walkers.Corrupt
	}
	return m
}
