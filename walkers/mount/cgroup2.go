package mount

import (
	"context"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// cgroup2 prints the options of cgroup2, which are those of the one hierarchy
// that all its mounts show: cgroup_show_options of kernel/cgroup/cgroup.c.
type cgroup2 struct {
	plan  *object.Plan
	flags object.Member
	root  oracle.Address
	read  []object.Object
}

// cgroupFlags are the flags of the hierarchy, CGRP_ROOT_* of
// include/linux/cgroup-defs.h. In 6.0 those of memory moved from bits 5 and 6
// to 17 and 18; the bits of the other place are never set on this hierarchy.
var cgroupFlags = []flag{
	{1 << 3, "nsdelegate"},
	{1 << 4, "favordynmods"},
	{1<<5 | 1<<17, "memory_localevents"},
	{1<<6 | 1<<18, "memory_recursiveprot"},
	{1 << 19, "memory_hugetlb_accounting"},
	{1 << 20, "pids_localevents"},
}

func newCgroup2(ctx context.Context, k walkers.Kernel, supers []*super) (printer, error) {
	root, err := k.Symbol(ctx, "cgrp_dfl_root")
	if err != nil {
		return nil, err
	}
	base, err := newStructure(ctx, k, supers, "cgroup_root", "flags")
	if err != nil {
		return nil, err
	}
	c := &cgroup2{plan: base.plan, root: root}
	c.flags = c.plan.Member("flags")
	return c, c.plan.Err()
}

func (c *cgroup2) advance(b *object.Batch) {
	if c.read == nil {
		c.read = c.plan.Add(b, []oracle.Address{c.root})
	}
}

func (c *cgroup2) texts() []oracle.Address { return nil }

func (c *cgroup2) print(int, map[oracle.Address]object.Text) ([]string, bool) {
	o := &c.read[0]
	return texts(cgroupFlags, o.Uint(c.flags)), o.Readable()
}
