package mount

import (
	"context"

	"github.com/barescope/barescope/walkers"
)

const (
	// Unreachable: the mount cannot be reached from the root of the
	// namespace's processes, and their mountinfo leaves it out.
	Unreachable walkers.Doubt = "unreachable"
	// GenericOptions: the file system may have options of its own, which
	// are not in super_options.
	GenericOptions walkers.Doubt = "generic-options"
	// GenericSource: the file system has its own way to tell its source; the
	// row has what the mount was made with.
	GenericSource walkers.Doubt = "generic-source"
)

var table = walkers.Table{
	Name:        "mounts",
	Description: "The mounts of all mount namespaces, as /proc/PID/mountinfo shows them.",
	Columns: []walkers.Column{
		{Name: "address", Type: walkers.Pointer, Description: "address of the struct mount", Wide: true},
		{Name: "namespace", Type: walkers.Unsigned, Description: "inode number of the mount namespace"},
		{Name: "mount_id", Type: walkers.Integer, Description: "id of the mount"},
		{Name: "parent_id", Type: walkers.Integer, Description: "id of the mount it is mounted in"},
		{Name: "device", Type: walkers.Text, Description: "major:minor of the file system"},
		{Name: "root", Type: walkers.Text, Description: "path in the file system that is mounted"},
		{Name: "mount_point", Type: walkers.Text, Description: "path that it is mounted at, from the root of the namespace's processes"},
		{Name: "options", Type: walkers.Text, Description: "options of the mount"},
		{Name: "propagation", Type: walkers.Text, Description: "peer groups: shared, master, propagate_from, unbindable", Wide: true},
		{Name: "fstype", Type: walkers.Text, Description: "type of the file system"},
		{Name: "source", Type: walkers.Text, Description: "device, or what else it was mounted from"},
		{Name: "super_options", Type: walkers.Text, Description: "options of the file system"},
	},
}

// Walker lists mounts. The zero value is ready for use.
type Walker struct{}

var _ walkers.Walker = Walker{}

// Table implements walkers.Walker.
func (Walker) Table() *walkers.Table { return &table }

// Walk implements walkers.Walker. Namespaces come in the order of the lowest
// pid in them, then by address; the mounts of one in the kernel's own order.
// A namespace of which no mount could be read is a row that says so, and where
// namespaces may be missing altogether, the last row has a doubt and nothing
// else.
func (Walker) Walk(ctx context.Context, k walkers.Kernel, _ walkers.Query, emit func(walkers.Row) error) error {
	s, err := newSurvey(ctx, k)
	if err != nil {
		return err
	}
	if err := s.collect(ctx); err != nil {
		return err
	}
	for _, ns := range s.namespaces {
		for _, row := range s.rows(ns) {
			if err := emit(row); err != nil {
				return err
			}
		}
	}
	if s.partial != "" {
		return emit(walkers.Row{Values: make([]any, len(table.Columns)), Doubt: []walkers.Doubt{s.partial}})
	}
	return nil
}
