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

// ext4 prints the options of ext4 and ext3: _ext4_show_options of
// fs/ext4/super.c. What the file system's own super block says, or what is the
// default, is not shown.
type ext4 struct {
	structure
	block                         object.Member
	options, options2             object.Member
	usual, usual2                 object.Member
	uid, gid                      object.Member
	commit, minBatch, maxBatch    object.Member
	stripe, readAhead, initWait   object.Member
	maxDir, groups                object.Member
	state, encryption             object.Member
	quotaFormat, userQuota, group object.Member
	onDisk                        object.Member

	disk                       *object.Plan
	diskUID, diskGID, onErrors object.Member
	diskUIDHigh, diskGIDHigh   object.Member
	diskRead                   []object.Object

	clock       *object.Plan
	mult, shift object.Member
	clockAt     oracle.Address
	clockRead   []object.Object

	// parsed: options are parsed as those of fsopen(2) are, since 5.17, and
	// some were dropped or shown anew. prefetches: bitmaps are read ahead by
	// default, since 5.13.
	parsed, prefetches bool
}

func newExt4(ctx context.Context, k walkers.Kernel, supers []*super) (printer, error) {
	base, err := newStructure(ctx, k, supers, "ext4:ext4_sb_info", "s_mount_opt")
	if err != nil {
		return nil, err
	}
	t := base.plan.Type()
	e := &ext4{structure: base, parsed: t.Has("s_def_mount_opt2"), prefetches: t.Has("s_mb_largest_free_orders")}
	e.members()
	return e, errors.Join(e.plan.Err(), e.diskMembers(ctx, k), e.clockMembers(ctx, k))
}

func (e *ext4) diskMembers(ctx context.Context, k walkers.Kernel) error {
	t, err := k.Type(ctx, layout.Struct, "ext4:ext4_super_block", "s_def_resuid")
	if err != nil {
		return err
	}
	p := object.NewPlan(t)
	e.disk, e.onErrors = p, p.Member("s_errors")
	e.diskUID, e.diskGID = p.Member("s_def_resuid"), p.Member("s_def_resgid")
	e.diskUIDHigh, e.diskGIDHigh = p.Optional("s_def_resuid_hi"), p.Optional("s_def_resgid_hi")
	return p.Err()
}

func (e *ext4) clockMembers(ctx context.Context, k walkers.Kernel) error {
	t, err := k.Type(ctx, layout.Struct, "clocksource", "mult", "shift")
	if err != nil {
		return err
	}
	e.clock = object.NewPlan(t)
	e.mult, e.shift = e.clock.Member("mult"), e.clock.Member("shift")
	if e.clockAt, err = k.Symbol(ctx, "clocksource_jiffies"); err != nil {
		return err
	}
	return e.clock.Err()
}

func (e *ext4) members() {
	p := e.plan
	e.block, e.onDisk = p.Member("s_sb_block"), p.Member("s_es")
	e.options, e.options2 = p.Member("s_mount_opt"), p.Member("s_mount_opt2")
	e.usual, e.usual2 = p.Member("s_def_mount_opt"), p.Optional("s_def_mount_opt2")
	e.uid, e.gid = p.Member("s_resuid"), p.Member("s_resgid")
	e.commit, e.minBatch, e.maxBatch = p.Member("s_commit_interval"), p.Member("s_min_batch_time"), p.Member("s_max_batch_time")
	e.stripe, e.readAhead, e.initWait = p.Member("s_stripe"), p.Member("s_inode_readahead_blks"), p.Member("s_li_wait_mult")
	e.maxDir, e.groups = p.Member("s_max_dir_size_kb"), p.Member("s_groups_count")
	e.state, e.encryption = p.FirstOf("s_ext4_flags", "s_resize_flags"), p.Optional("s_dummy_enc_policy.policy")
	e.quotaFormat, e.userQuota, e.group = p.Optional("s_jquota_fmt"), p.Optional("s_qf_names[0]"), p.Optional("s_qf_names[1]")
}

// advance reads the structures and how long a jiffy is, then what is on disk.
func (e *ext4) advance(b *object.Batch) {
	if e.first(b) {
		e.clockRead = e.clock.Add(b, []oracle.Address{e.clockAt})
		return
	}
	if e.round == 2 {
		addresses := make([]oracle.Address, len(e.objects))
		for i := range e.objects {
			addresses[i] = e.objects[i].Pointer(e.onDisk)
		}
		e.diskRead = e.disk.Add(b, addresses)
	}
}

func (e *ext4) texts() []oracle.Address {
	var all []oracle.Address
	for i := range e.objects {
		all = append(all, e.objects[i].Pointer(e.userQuota), e.objects[i].Pointer(e.group))
	}
	return all
}

// hertz returns the number of jiffies in a second, 0 if it is not known: the
// jiffies clock counts nanoseconds for each of them.
func (e *ext4) hertz() uint64 {
	o := &e.clockRead[0]
	tick := o.Uint(e.mult) >> (o.Uint(e.shift) & 63)
	if !o.Readable() || tick == 0 {
		return 0
	}
	return (1e9 + tick/2) / tick
}

// ext4Print is one file system while its options are put together.
type ext4Print struct {
	*ext4
	object, onDisk  *object.Object
	sb              *super
	strings         map[oracle.Address]object.Text
	all             []string
	exact           bool
	set, set2       uint64
	normal, normal2 uint64
}

func (e *ext4) print(i int, texts map[oracle.Address]object.Text) ([]string, bool) {
	o, disk := &e.objects[i], &e.diskRead[i]
	if !o.Readable() || !disk.Readable() {
		return nil, false
	}
	p := &ext4Print{ext4: e, object: o, onDisk: disk, sb: e.supers[i], strings: texts, exact: true,
		set: o.Uint(e.options), set2: o.Uint(e.options2), normal: o.Uint(e.usual), normal2: o.Uint(e.usual2)}
	p.number("sb", e.block, 1)
	p.switches()
	p.reserved()
	p.errors()
	p.times()
	p.data()
	p.numbers()
	p.access()
	p.quotas()
	return p.all, p.exact
}

func (p *ext4Print) add(option string, on bool) {
	if on {
		p.all = append(p.all, option)
	}
}

// number adds an option that is not what it is by default.
func (p *ext4Print) number(option string, m object.Member, usual uint64) {
	if v := p.object.Uint(m); v != usual {
		p.all = append(p.all, fmt.Sprintf("%s=%d", option, v))
	}
}

// reserved adds whom blocks are reserved for.
func (p *ext4Print) reserved() {
	uid := p.onDisk.Uint(p.diskUID) | p.onDisk.Uint(p.diskUIDHigh)<<16
	gid := p.onDisk.Uint(p.diskGID) | p.onDisk.Uint(p.diskGIDHigh)<<16
	if v := p.object.Uint(p.uid); v != 0 || uid != 0 {
		p.all = append(p.all, fmt.Sprintf("resuid=%d", v))
	}
	if v := p.object.Uint(p.gid); v != 0 || gid != 0 {
		p.all = append(p.all, fmt.Sprintf("resgid=%d", v))
	}
}

// errors adds what happens on an error, if the disk says otherwise.
func (p *ext4Print) errors() {
	onDisk := p.onDisk.Uint(p.onErrors)
	p.add("errors=remount-ro", p.set&0x20 != 0 && onDisk != 2)
	p.add("errors=continue", p.set&0x10 != 0 && onDisk != 1)
	p.add("errors=panic", p.set&0x40 != 0 && onDisk != 3)
}

func (p *ext4Print) times() {
	hertz, commit := p.hertz(), p.object.Uint(p.commit)
	switch {
	case hertz == 0:
		p.exact = false
	case commit != 5*hertz:
		p.all = append(p.all, fmt.Sprintf("commit=%d", commit/hertz))
	}
	p.number("min_batch_time", p.minBatch, 0)
	p.number("max_batch_time", p.maxBatch, 15000)
}

// data adds the stripe and how data is journalled.
func (p *ext4Print) data() {
	// Every file system has the flag since 6.1, and does not show it.
	p.add("i_version", !p.parsed && p.sb.flags&(1<<23) != 0)
	p.number("stripe", p.stripe, 0)
	if (p.set^p.normal)&ext4Data != 0 {
		p.add("data=journal", p.set&ext4Data == 0x400)
		p.add("data=ordered", p.set&ext4Data == 0x800)
		p.add("data=writeback", p.set&ext4Data == 0xc00)
	}
}

func (p *ext4Print) numbers() {
	p.number("inode_readahead_blks", p.readAhead, 32)
	if p.set&ext4InitTable != 0 {
		p.number("init_itable", p.initWait, 10)
	}
	p.number("max_dir_size_kb", p.maxDir, 0)
}

// access adds how data is reached, and what state the file system is in.
func (p *ext4Print) access() {
	p.add("data_err=abort", p.set&0x10000000 != 0)
	if p.object.Pointer(p.encryption) != 0 { // a policy for tests, of many forms
		p.exact = false
	}
	p.add("inlinecrypt", p.sb.flags&(1<<17) != 0)
	switch {
	case p.set&0x200 != 0:
		p.add("dax=always", true)
	case p.set2&0x20 != 0:
		p.add("dax=never", true)
	case p.set2&0x40 != 0:
		p.add("dax=inode", true)
	}
	if p.parsed { // file systems of 16 groups and more look at all by default
		large, scan := p.object.Uint(p.groups) >= 16, p.set2&0x80 != 0
		p.add("mb_optimize_scan=0", large && !scan)
		p.add("mb_optimize_scan=1", !large && scan)
	}
	// Shut down, or read-only after an error: shown by some kernels only.
	if p.object.Uint(p.state)&(1<<1|1<<3) != 0 {
		p.exact = false
	}
}

// ext4QuotaFormats are QFMT_VFS_* of include/uapi/linux/quota.h.
var ext4QuotaFormats = map[uint64]string{1: "vfsold", 2: "vfsv0", 4: "vfsv1"}

func (p *ext4Print) quotas() {
	if format := p.object.Uint(p.quotaFormat); format != 0 {
		p.add("jqfmt="+ext4QuotaFormats[format], true)
	}
	for _, q := range []struct {
		option string
		at     oracle.Address
	}{{"usrjquota=", p.object.Pointer(p.userQuota)}, {"grpjquota=", p.object.Pointer(p.group)}} {
		if q.at != 0 {
			p.add(q.option+p.strings[q.at].Value, true)
			p.exact = p.exact && p.strings[q.at].Complete
		}
	}
}
