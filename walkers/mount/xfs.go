package mount

import (
	"context"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// xfs prints the options of xfs: xfs_fs_show_options of fs/xfs/xfs_super.c.
type xfs struct {
	structure
	flags                    object.Member
	bits                     *xfsBits
	allocSize                object.Member
	logBuffers, logSize      object.Member
	logDevice, realtime      object.Member
	align, width, blockShift object.Member
	quota                    object.Member
	zones, atomic            object.Member
}

// xfsBits are the flags that mount options set.
type xfsBits struct {
	options                []flag
	smallInodes, allocSize uint64
}

// xfsFeatures are the bits of m_features, XFS_FEAT_* of fs/xfs/xfs_mount.h.
// The bits of ikeep and attr2, which were taken out in 6.18, are in no other
// use.
var xfsFeatures = xfsBits{
	options: []flag{
		{1 << 57, "ikeep"}, {1 << 52, "wsync"}, {1 << 49, "noalign"}, {1 << 58, "swalloc"},
		{1 << 63, "nouuid"}, {1 << 62, "norecovery"}, {1 << 10, "attr2"}, {1 << 59, "filestreams"},
		{1 << 55, "grpid"}, {1 << 54, "discard"}, {1 << 51, "largeio"},
		{1 << 60, "dax=always"}, {1 << 61, "dax=never"}, {1 << 47, "nolifetime"},
	},
	smallInodes: 1 << 56, allocSize: 1 << 50,
}

// xfsMountFlags are the bits of m_flags, XFS_MOUNT_*, before 5.15.
var xfsMountFlags = xfsBits{
	options: []flag{
		{1 << 18, "ikeep"}, {1 << 0, "wsync"}, {1 << 7, "noalign"}, {1 << 19, "swalloc"},
		{1 << 16, "nouuid"}, {1 << 10, "norecovery"}, {1 << 8, "attr2"}, {1 << 24, "filestreams"},
		{1 << 9, "grpid"}, {1 << 5, "discard"}, {1 << 22, "largeio"},
		{1 << 26, "dax=always"}, {1 << 27, "dax=never"},
	},
	smallInodes: 1 << 14, allocSize: 1 << 12,
}

// xfsQuotas are the kinds of quota with their bits of m_qflags.
var xfsQuotas = []struct {
	accounted, enforced uint64
	on, off             string
}{
	{0x001, 0x002, "usrquota", "uqnoenforce"},
	{0x008, 0x200, "prjquota", "pqnoenforce"},
	{0x040, 0x080, "grpquota", "gqnoenforce"},
}

func newXFS(ctx context.Context, k walkers.Kernel, supers []*super) (printer, error) {
	base, err := newStructure(ctx, k, supers, "xfs:xfs_mount", "m_qflags")
	if err != nil {
		return nil, err
	}
	x, p := &xfs{structure: base, bits: &xfsFeatures}, base.plan
	x.flags = p.FirstOf("m_features", "m_flags")
	if !p.Type().Has("m_features") {
		x.bits = &xfsMountFlags
	}
	x.allocSize, x.quota = p.Member("m_allocsize_log"), p.Member("m_qflags")
	x.logBuffers, x.logSize = p.Member("m_logbufs"), p.Member("m_logbsize")
	x.logDevice, x.realtime = p.Member("m_logname"), p.Member("m_rtname")
	x.align, x.width, x.blockShift = p.Member("m_dalign"), p.Member("m_swidth"), p.Member("m_blkbb_log")
	x.zones, x.atomic = p.Optional("m_max_open_zones"), p.Optional("m_awu_max_bytes")
	return x, p.Err()
}

func (x *xfs) texts() []oracle.Address {
	var all []oracle.Address
	for i := range x.objects {
		all = append(all, x.objects[i].Pointer(x.logDevice), x.objects[i].Pointer(x.realtime))
	}
	return all
}

func (x *xfs) print(i int, strings map[oracle.Address]object.Text) ([]string, bool) {
	o := &x.objects[i]
	if !o.Readable() {
		return nil, false
	}
	flags, exact := o.Uint(x.flags), true
	options := texts(x.bits.options, flags)
	add := func(format string, value any) { options = append(options, fmt.Sprintf(format, value)) }
	width := 64
	if flags&x.bits.smallInodes != 0 {
		width = 32
	}
	add("inode%d", width)
	if flags&x.bits.allocSize != 0 {
		add("allocsize=%dk", uint64(1)<<(o.Uint(x.allocSize)&63)>>10)
	}
	if n := o.Int(x.logBuffers); n > 0 {
		add("logbufs=%d", n)
	}
	if n := o.Int(x.logSize); n > 0 {
		add("logbsize=%dk", n>>10)
	}
	for _, d := range []struct {
		format string
		at     oracle.Address
	}{{"logdev=%s", o.Pointer(x.logDevice)}, {"rtdev=%s", o.Pointer(x.realtime)}} {
		if d.at != 0 {
			add(d.format, strings[d.at].Value)
			exact = exact && strings[d.at].Complete
		}
	}
	options = append(options, x.stripe(o)...)
	options = append(options, quotas(o.Uint(x.quota))...)
	return append(options, x.limits(o)...), exact
}

// stripe returns the stripe's unit and width in sectors of 512 bytes.
func (x *xfs) stripe(o *object.Object) []string {
	var options []string
	shift := o.Uint(x.blockShift) & 31
	if n := o.Int(x.align); n > 0 {
		options = append(options, fmt.Sprintf("sunit=%d", int32(n<<shift)))
	}
	if n := o.Int(x.width); n > 0 {
		options = append(options, fmt.Sprintf("swidth=%d", int32(n<<shift)))
	}
	return options
}

// quotas returns what is accounted and whether it is enforced.
func quotas(flags uint64) []string {
	var options []string
	accounted := false
	for _, q := range xfsQuotas {
		accounted = accounted || flags&q.accounted != 0
		switch {
		case flags&q.accounted != 0 && flags&q.enforced != 0:
			options = append(options, q.on)
		case flags&q.accounted != 0:
			options = append(options, q.off)
		}
	}
	if !accounted {
		options = append(options, "noquota")
	}
	return options
}

// limits returns the options of zoned devices and of atomic writes, since 6.15
// and 6.16.
func (x *xfs) limits(o *object.Object) []string {
	var options []string
	if n := o.Uint(x.zones); n != 0 {
		options = append(options, fmt.Sprintf("max_open_zones=%d", n))
	}
	if n := o.Uint(x.atomic); n != 0 {
		options = append(options, fmt.Sprintf("max_atomic_write=%dk", n>>10))
	}
	return options
}
