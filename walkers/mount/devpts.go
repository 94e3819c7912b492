package mount

import (
	"context"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// maxTerminals is NR_UNIX98_PTY_MAX, the limit that is not shown.
const maxTerminals = 1 << 20

// devpts prints the options of devpts: devpts_show_options of
// fs/devpts/inode.c.
type devpts struct {
	structure
	setUID, setGID, uid, gid, mode, ptmxMode, limit object.Member
}

func newDevpts(ctx context.Context, k walkers.Kernel, supers []*super) (printer, error) {
	base, err := newStructure(ctx, k, supers, "pts_fs_info", "mount_opts")
	if err != nil {
		return nil, err
	}
	d, p := &devpts{structure: base}, base.plan
	d.setUID, d.setGID = p.Member("mount_opts.setuid"), p.Member("mount_opts.setgid")
	d.uid, d.gid = p.Member("mount_opts.uid"), p.Member("mount_opts.gid")
	d.mode, d.ptmxMode = p.Member("mount_opts.mode"), p.Member("mount_opts.ptmxmode")
	d.limit = p.Member("mount_opts.max")
	return d, p.Err()
}

func (d *devpts) print(i int, _ map[oracle.Address]object.Text) ([]string, bool) {
	o := &d.objects[i]
	if !o.Readable() {
		return nil, false
	}
	var options []string
	add := func(format string, value uint64) { options = append(options, fmt.Sprintf(format, value)) }
	if o.Uint(d.setUID) != 0 {
		add("uid=%d", o.Uint(d.uid))
	}
	if o.Uint(d.setGID) != 0 {
		add("gid=%d", o.Uint(d.gid))
	}
	add("mode=%03o", o.Uint(d.mode))
	add("ptmxmode=%03o", o.Uint(d.ptmxMode))
	if limit := o.Int(d.limit); limit < maxTerminals {
		options = append(options, fmt.Sprintf("max=%d", limit))
	}
	return options, true
}
