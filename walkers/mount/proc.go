package mount

import (
	"context"
	"errors"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// proc prints the options of proc: proc_show_options of fs/proc/inode.c.
type proc struct {
	structure
	gid, hide, pidOnly object.Member
	// numbers: the option hidepid has a number, as before 5.8.
	numbers bool
}

// hidePID are the values of the option hidepid: HIDEPID_*.
var hidePID = map[uint64]string{1: "noaccess", 2: "invisible", 4: "ptraceable"}

// newProc: since 5.8 every mount has options of its own, before that its pid
// namespace had.
func newProc(ctx context.Context, k walkers.Kernel, supers []*super) (printer, error) {
	base, err := newStructure(ctx, k, supers, "proc_fs_info", "hide_pid")
	numbers := errors.Is(err, layout.ErrUnknownType)
	if numbers {
		base, err = newStructure(ctx, k, supers, "pid_namespace", "hide_pid")
	}
	if err != nil {
		return nil, err
	}
	p := &proc{structure: base, numbers: numbers}
	p.gid, p.hide, p.pidOnly = p.plan.Member("pid_gid"), p.plan.Member("hide_pid"), p.plan.Optional("pidonly")
	return p, p.plan.Err()
}

func (p *proc) print(i int, _ map[oracle.Address]object.Text) ([]string, bool) {
	o := &p.objects[i]
	if !o.Readable() {
		return nil, false
	}
	options := owner(o, object.Member{}, p.gid)
	if hide := o.Uint(p.hide); hide != 0 {
		text, ok := hidePID[hide]
		switch {
		case p.numbers:
			text = fmt.Sprint(hide)
		case !ok:
			text = "unknown"
		}
		options = append(options, "hidepid="+text)
	}
	if o.Uint(p.pidOnly) != 0 {
		options = append(options, "subset=pid")
	}
	return options, true
}
