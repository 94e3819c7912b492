package mount

import (
	"context"
	"errors"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// shmem prints the options of tmpfs, and of devtmpfs and rootfs where they are
// one: shmem_show_options of mm/shmem.c.
type shmem struct {
	structure
	blocks, inodes, mode, uid, gid object.Member
	fullInums, huge, noswap        object.Member
	limits                         []limit
	policy                         policies
	policyAt                       object.Member

	total     *object.Plan
	pages     object.Member
	totalAt   oracle.Address
	totalRead []object.Object
}

// limit is a quota limit and the option that sets it, since 6.6.
type limit struct {
	member object.Member
	option string
}

// shmemHuge are the values of the option huge: SHMEM_HUGE_*.
var shmemHuge = map[int64]string{1: "always", 2: "within_size", 3: "advise", -1: "deny", -2: "force"}

func newShmem(ctx context.Context, k walkers.Kernel, supers []*super) (printer, error) {
	base, err := newStructure(ctx, k, supers, "shmem_sb_info", "max_blocks", "max_inodes")
	if err != nil {
		return nil, err
	}
	s := &shmem{structure: base}
	s.members()
	if err := s.plan.Err(); err != nil {
		return nil, err
	}
	if s.policy, err = newPolicies(ctx, k); err != nil {
		return nil, err
	}
	s.total, s.pages = word()
	s.totalAt, err = k.Symbol(ctx, "_totalram_pages")
	if errors.Is(err, oracle.ErrUnknownSymbol) {
		s.totalAt, err = k.Symbol(ctx, "totalram_pages") // before 5.0
	}
	return s, err
}

func (s *shmem) members() {
	p := s.plan
	s.blocks, s.inodes, s.mode = p.Member("max_blocks"), p.Member("max_inodes"), p.Member("mode")
	s.uid, s.gid = p.Member("uid"), p.Member("gid")
	s.fullInums, s.huge = p.Optional("full_inums"), p.Optional("huge") // since 5.9
	s.noswap, s.policyAt = p.Optional("noswap"), p.Optional("mpol")    // since 6.4
	for _, l := range []struct{ member, option string }{
		{"qlimits.usrquota_bhardlimit", "usrquota_block_hardlimit"},
		{"qlimits.grpquota_bhardlimit", "grpquota_block_hardlimit"},
		{"qlimits.usrquota_ihardlimit", "usrquota_inode_hardlimit"},
		{"qlimits.grpquota_ihardlimit", "grpquota_inode_hardlimit"},
	} {
		s.limits = append(s.limits, limit{p.Optional(l.member), l.option})
	}
}

// advance reads the structures and the size of memory, then the policies.
func (s *shmem) advance(b *object.Batch) {
	if s.first(b) {
		s.totalRead = s.total.Add(b, []oracle.Address{s.totalAt})
		return
	}
	if s.round == 2 {
		for i := range s.objects {
			s.policy.want(s.objects[i].Pointer(s.policyAt))
		}
		s.policy.read(b)
	}
}

func (s *shmem) print(i int, _ map[oracle.Address]object.Text) ([]string, bool) {
	o, total := &s.objects[i], &s.totalRead[0]
	if !o.Readable() || !total.Readable() {
		return nil, false
	}
	var options []string
	add := func(format string, args ...any) { options = append(options, fmt.Sprintf(format, args...)) }
	// Sizes that were not asked for are half of memory, and not shown.
	half := total.Uint(s.pages) / 2
	if blocks := o.Uint(s.blocks); blocks != half {
		add("size=%dk", blocks*4)
	}
	if inodes := o.Uint(s.inodes); inodes != half {
		add("nr_inodes=%d", inodes)
	}
	if mode := o.Uint(s.mode); mode != 0o1777 {
		add("mode=%03o", mode)
	}
	options = append(options, owner(o, s.uid, s.gid)...)
	inums, exact := s.inums(o)
	options = append(options, inums...)
	if huge := o.Int(s.huge); huge != 0 {
		add("huge=%s", shmemHuge[int64(int8(huge))])
	}
	policy, known := s.policy.text(o.Pointer(s.policyAt))
	options = append(options, policy...)
	if o.Uint(s.noswap) != 0 {
		add("noswap")
	}
	return append(options, s.quotas(i)...), exact && known
}

// owner returns the options uid and gid, which are not shown for root's.
func owner(o *object.Object, uid, gid object.Member) []string {
	var options []string
	if id := o.Uint(uid); id != 0 {
		options = append(options, fmt.Sprintf("uid=%d", id))
	}
	if id := o.Uint(gid); id != 0 {
		options = append(options, fmt.Sprintf("gid=%d", id))
	}
	return options
}

// inums returns the width of inode numbers. 32 bits are shown only by kernels
// that give out 64 when not told otherwise, which is a matter of how they were
// built; the mounts that the kernel makes for itself show what it does.
func (s *shmem) inums(o *object.Object) (options []string, exact bool) {
	if !s.fullInums.Present() {
		return nil, true
	}
	if o.Uint(s.fullInums) != 0 {
		return []string{"inode64"}, true
	}
	seen := false
	for i, sb := range s.supers {
		if sb.typeName != "rootfs" && sb.typeName != "devtmpfs" || !s.objects[i].Readable() {
			continue
		}
		if s.objects[i].Uint(s.fullInums) != 0 {
			return []string{"inode32"}, true
		}
		seen = true
	}
	return nil, seen
}

// quotas returns the options of quotas, since 6.6. Quotas of a kind are on
// when the bit of the kind is set, and that of suspended ones, 6 above, is not.
func (s *shmem) quotas(i int) []string {
	if !s.limits[0].member.Present() {
		return nil
	}
	var options []string
	flags := s.supers[i].quota
	for kind, option := range []string{"usrquota", "grpquota"} {
		if flags>>kind&1 != 0 && flags>>(kind+6)&1 == 0 {
			options = append(options, option)
		}
	}
	for _, l := range s.limits {
		if v := s.objects[i].Int(l.member); v != 0 {
			options = append(options, fmt.Sprintf("%s=%d", l.option, v))
		}
	}
	return options
}
