package mount

import (
	"context"
	"errors"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/object"
)

// maxNSName bounds the name of a kind of namespace in bytes.
const maxNSName = 64

// nsShape leads from the dentry of a namespace's file to the namespace's name:
// nsfs_show_path of fs/nsfs.c.
type nsShape struct {
	dentries, inodes, spaces, kinds *object.Plan
	inode, number, space, kind      object.Member
	name                            object.Member
}

func (s *survey) newNSShape(ctx context.Context) (*nsShape, error) {
	n := &nsShape{}
	var errs [4]error
	n.dentries, errs[0] = plan(ctx, s.k, "dentry", "d_inode")
	n.inodes, errs[1] = plan(ctx, s.k, "inode", "i_ino", "i_private")
	n.spaces, errs[2] = plan(ctx, s.k, "ns_common", "ops")
	n.kinds, errs[3] = plan(ctx, s.k, "proc_ns_operations", "name")
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	n.inode, n.number = n.dentries.Member("d_inode"), n.inodes.Member("i_ino")
	n.space, n.kind = n.inodes.Member("i_private"), n.spaces.Member("ops")
	n.name = n.kinds.Member("name")
	return n, errors.Join(n.dentries.Err(), n.inodes.Err(), n.spaces.Err(), n.kinds.Err())
}

// readNSFiles finds the names of mounted files of namespaces, such as those
// that keep a network namespace: "net:[4026532281]". Such a file has no path.
// Where a name cannot be read, the row has what the dentry says.
func (s *survey) readNSFiles(ctx context.Context) error {
	var dentries []oracle.Address
	for _, ns := range s.namespaces {
		for _, a := range ns.mounts {
			if sb := s.supers[s.mounts[a].super]; sb != nil && sb.typeName == "nsfs" {
				dentries = append(dentries, s.mounts[a].root)
			}
		}
	}
	if len(dentries) == 0 {
		return nil
	}
	shape, err := s.newNSShape(ctx)
	if err != nil {
		return fmt.Errorf("names of namespaces: %w", err)
	}
	if err := s.nameNSFiles(ctx, shape, dentries); err != nil {
		return fmt.Errorf("read names of namespaces: %w", err)
	}
	return nil
}

func (s *survey) nameNSFiles(ctx context.Context, n *nsShape, dentries []oracle.Address) error {
	inodes, _, err := follow(ctx, s, n.dentries, dentries, n.inode)
	if err != nil {
		return err
	}
	spaces, read, err := follow(ctx, s, n.inodes, inodes, n.space)
	if err != nil {
		return err
	}
	kinds, _, err := follow(ctx, s, n.spaces, spaces, n.kind)
	if err != nil {
		return err
	}
	names, _, err := follow(ctx, s, n.kinds, kinds, n.name)
	if err != nil {
		return err
	}
	texts, err := object.ReadTexts(ctx, s.k, names, maxNSName)
	for i, d := range dentries {
		if text := texts[names[i]]; text.Complete && read[i].Readable() {
			s.nsFiles[d] = fmt.Sprintf("%s:[%d]", text.Value, read[i].Uint(n.number))
		}
	}
	return err
}

// follow reads structures and returns where a member of each points at.
func follow(ctx context.Context, s *survey, p *object.Plan, addresses []oracle.Address, m object.Member) ([]oracle.Address, []object.Object, error) {
	objects, err := p.Read(ctx, s.k, addresses)
	next := make([]oracle.Address, len(objects))
	for i := range objects {
		next[i] = objects[i].Pointer(m)
	}
	return next, objects, err
}
