package mount

import (
	"context"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// ramfs prints the options of ramfs, and of rootfs where it is one:
// ramfs_show_options of fs/ramfs/inode.c.
type ramfs struct {
	structure
	mode object.Member
}

func newRamfs(ctx context.Context, k walkers.Kernel, supers []*super) (printer, error) {
	base, err := newStructure(ctx, k, supers, "ramfs_fs_info")
	if err != nil {
		return nil, err
	}
	r := &ramfs{structure: base}
	r.mode = r.plan.Member("mount_opts.mode")
	return r, r.plan.Err()
}

func (r *ramfs) print(i int, _ map[oracle.Address]object.Text) ([]string, bool) {
	o := &r.objects[i]
	if mode := o.Uint(r.mode); o.Readable() && mode != 0o755 {
		return []string{fmt.Sprintf("mode=%o", mode)}, true
	}
	return nil, o.Readable()
}
