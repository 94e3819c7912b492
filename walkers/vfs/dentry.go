package vfs

import (
	"context"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/walkers"
)

// maxName bounds a name in bytes. On disks it is 255; pseudo file systems make
// up longer ones, but no path has more than PATH_MAX.
const maxName = 4096

// dentry is one component of a path.
type dentry struct {
	parent oracle.Address
	name   string
	// hashed is false for one that was deleted, or never had a name.
	hashed bool
	// fault is why the dentry leads nowhere; nameFault why its name is not
	// known.
	fault, nameFault walkers.Doubt
	// away is a name that lies outside of the dentry and is still to be
	// read, and length its length in bytes.
	away   oracle.Address
	length uint64
}

// dentryShape knows where a struct dentry holds what is wanted.
type dentryShape struct {
	plan                         *object.Plan
	parent, name, length, pprev  object.Member
	inline                       object.Member
	inlineOffset, inlineCapacity uint64
}

func newDentryShape(ctx context.Context, k walkers.Kernel) (*dentryShape, error) {
	typ, err := k.Type(ctx, layout.Struct, "dentry", "d_parent", "d_name")
	if err != nil {
		return nil, fmt.Errorf("dentries: %w: %w", walkers.ErrUnknownShape, err)
	}
	s := &dentryShape{plan: object.NewPlan(typ)}
	s.parent = s.plan.Member("d_parent")
	s.name, s.length = s.plan.Member("d_name.name"), s.plan.Member("d_name.len")
	s.pprev = s.plan.Member("d_hash.pprev")
	s.inline = s.plan.FirstOf("d_shortname", "d_iname") // the newer name first
	if err := s.plan.Err(); err != nil {
		return nil, fmt.Errorf("dentries: %w: %w", walkers.ErrUnknownShape, err)
	}
	f := s.plan.Field(s.inline)
	s.inlineOffset, s.inlineCapacity = f.Offset, f.Size
	return s, nil
}

// dentry takes what was read of one.
func (s *dentryShape) dentry(o *object.Object) *dentry {
	if !o.Readable() {
		return &dentry{fault: walkers.Unreadable, nameFault: walkers.Unreadable}
	}
	d := &dentry{parent: o.Pointer(s.parent), hashed: o.Uint(s.pprev) != 0}
	name, length := o.Pointer(s.name), o.Uint(s.length)
	inline := name == o.Address+oracle.Address(s.inlineOffset)
	switch {
	case inline && length <= s.inlineCapacity:
		d.name = string(o.Bytes(s.inline)[:length])
	case inline || length > maxName || !name.IsKernel():
		d.nameFault = walkers.Corrupt
	default:
		d.away, d.length = name, length
	}
	if !d.parent.IsKernel() {
		d.fault = walkers.Corrupt
	}
	return d
}

// readNames reads the names that lie outside of their dentries, in one batch.
func readNames(ctx context.Context, m oracle.Memory, dentries []*dentry) error {
	var reads []oracle.Read
	var owners []*dentry
	for _, d := range dentries {
		if d.away == 0 {
			continue
		}
		reads = append(reads, oracle.Read{Address: d.away, Data: make([]byte, d.length)})
		owners = append(owners, d)
		d.away = 0
	}
	if len(reads) == 0 {
		return nil
	}
	err := m.ReadVirtual(ctx, reads)
	for i, d := range owners {
		if reads[i].Outcome != transport.Success {
			d.nameFault = walkers.Unreadable
			continue
		}
		d.name = string(reads[i].Data)
	}
	return err
}
