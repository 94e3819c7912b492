package vfs

import (
	"context"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

const (
	// maxLevels bounds how many batches climbing takes. A path has at most
	// 2048 components by PATH_MAX, but moving directories makes deeper ones.
	maxLevels = 4096
	// maxDentries bounds the dentries of one Tree.
	maxDentries = 1 << 20
	// maxMounts bounds the mounts of one Tree: fs.mount-max is 100 000 for
	// each namespace.
	maxMounts = 1 << 20
)

// Tree holds dentries and mounts that were read, and what is above them. It is
// not safe for use by several goroutines at once.
type Tree struct {
	k           walkers.Kernel
	dentryShape *dentryShape
	mountShape  *mountShape
	dentries    map[oracle.Address]*dentry
	mounts      map[oracle.Address]*Mount
}

// NewTree returns an empty tree. The error wraps walkers.ErrUnknownShape when
// the kernel's mounts or dentries look like none that are known.
func NewTree(ctx context.Context, k walkers.Kernel) (*Tree, error) {
	d, err := newDentryShape(ctx, k)
	if err != nil {
		return nil, err
	}
	m, err := newMountShape(ctx, k)
	if err != nil {
		return nil, err
	}
	return &Tree{k: k, dentryShape: d, mountShape: m,
		dentries: make(map[oracle.Address]*dentry), mounts: make(map[oracle.Address]*Mount)}, nil
}

// MountOf returns the struct mount around a vfsmount, which is what struct
// path points at; 0 for 0.
func (t *Tree) MountOf(vfsmount oracle.Address) oracle.Address {
	if vfsmount == 0 {
		return 0
	}
	return vfsmount - t.mountShape.vfs
}

// AddMount makes a mount known that was read by the caller. What is above it
// is found by the next Load of a location in it.
func (t *Tree) AddMount(address oracle.Address, m Mount) { t.mounts[address] = &m }

// Mount returns a mount that was loaded or added.
func (t *Tree) Mount(address oracle.Address) (Mount, bool) {
	m, ok := t.mounts[address]
	if !ok {
		return Mount{}, false
	}
	return *m, true
}

// frontier is what is to be read next.
type frontier struct {
	tree             *Tree
	mounts, dentries []oracle.Address
	entered          map[oracle.Address]bool
}

// Load reads everything that is above the locations, as far as it is not yet
// known. A location without a mount is a dentry alone. The error is that of
// ReadVirtual.
func (t *Tree) Load(ctx context.Context, locations []Location) error {
	f := &frontier{tree: t, entered: make(map[oracle.Address]bool)}
	for _, l := range locations {
		f.dentry(l.Dentry)
		f.mount(l.Mount)
	}
	var fresh []*dentry
	for level := 0; level < maxLevels && len(f.mounts)+len(f.dentries) > 0; level++ {
		read, err := f.advance(ctx)
		fresh = append(fresh, read...)
		if err != nil {
			return err
		}
	}
	return readNames(ctx, t.k, fresh)
}

// mount puts a mount on the frontier or, if it is known, what is above it.
func (f *frontier) mount(a oracle.Address) {
	for a != 0 && !f.entered[a] {
		f.entered[a] = true
		m, known := f.tree.mounts[a]
		if !known {
			if len(f.tree.mounts)+len(f.mounts) < maxMounts {
				f.mounts = append(f.mounts, a)
			}
			return
		}
		f.dentry(m.Root)
		f.dentry(m.Mountpoint)
		a = m.Parent
	}
}

// dentry puts a dentry on the frontier or, if it is known, the first above it
// that is not.
func (f *frontier) dentry(a oracle.Address) {
	for a.IsKernel() && !f.entered[a] {
		f.entered[a] = true
		d, known := f.tree.dentries[a]
		if !known {
			if len(f.tree.dentries)+len(f.dentries) < maxDentries {
				f.dentries = append(f.dentries, a)
			}
			return
		}
		a = d.parent
	}
}

// advance reads the frontier in one batch and moves it up by a level.
func (f *frontier) advance(ctx context.Context) ([]*dentry, error) {
	t, b := f.tree, object.NewBatch()
	mounts, dentries := f.mounts, f.dentries
	mountObjects := t.mountShape.plan.Add(b, mounts)
	dentryObjects := t.dentryShape.plan.Add(b, dentries)
	err := b.Read(ctx, t.k)
	f.mounts, f.dentries = nil, nil
	read := make([]*dentry, len(dentries))
	for i, a := range dentries {
		read[i] = t.dentryShape.dentry(&dentryObjects[i])
		t.dentries[a] = read[i]
	}
	for i, a := range mounts {
		t.mounts[a] = t.mountShape.mount(&mountObjects[i])
	}
	for _, d := range read {
		f.dentry(d.parent)
	}
	for _, a := range mounts {
		delete(f.entered, a) // it is known by now: go on above it
		f.mount(a)
	}
	return read, err
}
