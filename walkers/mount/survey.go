package mount

import (
	"context"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/container"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
	"github.com/barescope/barescope/walkers/vfs"
)

// survey is one walk: what was read so far, and how.
type survey struct {
	k      walkers.Kernel
	tree   *vfs.Tree
	shapes *shapes

	namespaces []*namespace
	known      map[oracle.Address]*namespace
	mounts     map[oracle.Address]*mount
	supers     map[oracle.Address]*super
	// order has the super blocks as they were met.
	order []*super
	texts map[oracle.Address]object.Text
	// nsFiles are the names of mounted namespace files by their dentries.
	nsFiles map[oracle.Address]string
	// nopMapping is the mapping that does nothing, initUserNS the first user
	// namespace; 0 where the symbol is not known.
	nopMapping, initUserNS oracle.Address
	// labelled: SELinux adds options to those of every file system.
	labelled bool
	// partial is why namespaces may be missing.
	partial walkers.Doubt
}

func newSurvey(ctx context.Context, k walkers.Kernel) (*survey, error) {
	tree, err := vfs.NewTree(ctx, k)
	if err != nil {
		return nil, err
	}
	shapes, err := newShapes(ctx, k)
	if err != nil {
		return nil, fmt.Errorf("mounts: %w", err)
	}
	s := &survey{
		k: k, tree: tree, shapes: shapes,
		known:   make(map[oracle.Address]*namespace),
		mounts:  make(map[oracle.Address]*mount),
		supers:  make(map[oracle.Address]*super),
		nsFiles: make(map[oracle.Address]string),
	}
	s.nopMapping = symbol(ctx, k, "nop_mnt_idmap")
	s.initUserNS = symbol(ctx, k, "init_user_ns")
	return s, nil
}

// miss notes that a container of what leads to namespaces was not read whole.
// One that is torn is not noted: tasks come and go while they are listed, and
// with one that is missed its namespace is hardly ever.
func (s *survey) miss(fault container.Fault) {
	if s.partial == "" && fault != container.Torn {
		s.partial = walkers.Doubt(fault)
	}
}

// symbol returns 0 for a symbol that is not known: the kernel may be older
// than what it names.
func symbol(ctx context.Context, k walkers.Kernel, name string) oracle.Address {
	a, err := k.Symbol(ctx, name)
	if err != nil {
		return 0
	}
	return a
}

// collect reads everything, in the order in which one thing leads to another.
func (s *survey) collect(ctx context.Context) error {
	all, err := s.tasks(ctx)
	if err != nil {
		return err
	}
	residents, err := s.residents(ctx, all)
	if err != nil {
		return fmt.Errorf("find mount namespaces: %w", err)
	}
	for _, step := range []func(context.Context) error{
		func(ctx context.Context) error { return s.inhabit(ctx, residents) },
		s.enlist, s.populate, s.readMounts, s.readSupers, s.loadPaths, s.readNSFiles, s.readSELinux, s.readOwnOptions,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}
