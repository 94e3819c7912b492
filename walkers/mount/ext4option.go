package mount

// Bits of s_mount_opt that are treated in a way of their own: EXT4_MOUNT_* of
// fs/ext4/ext4.h.
const (
	ext4Data      = 0xc00
	ext4InitTable = 0x80000000
	ext4Prefetch  = 0x4000000
)

// ext4Option is a switch of ext4: shown when its bits differ from what is
// usual, by this name when all of them are set or, if inverted, none.
type ext4Option struct {
	bits     uint64
	name     string
	inverted bool
	// second: the bits are those of s_mount_opt2.
	second bool
	// when is asked whether the kernel has the switch; nil means always.
	when func(*ext4) bool
}

// ext4Options are the switches in the kernel's order.
var ext4Options = []ext4Option{
	{bits: 0x80, name: "minixdf"},
	{bits: 0x80, name: "bsddf", inverted: true},
	{bits: 0x4, name: "grpid"},
	{bits: 0x4, name: "nogrpid", inverted: true},
	{bits: 0x20000000, name: "block_validity"},
	{bits: 0x20000000, name: "noblock_validity", inverted: true},
	{bits: 0x400000, name: "dioread_nolock"},
	{bits: 0x400000, name: "nodioread_nolock", inverted: true},
	{bits: 0x40000000, name: "discard"},
	{bits: 0x40000000, name: "nodiscard", inverted: true},
	{bits: 0x8000000, name: "delalloc"},
	{bits: 0x8000000, name: "nodelalloc", inverted: true},
	{bits: 0x2000000, name: "warn_on_error"},
	{bits: 0x2000000, name: "nowarn_on_error", inverted: true},
	{bits: 0x800000, name: "nojournal_checksum", inverted: true},
	{bits: 0x800000, name: "journal_checksum"},
	{bits: 0x1800000, name: "journal_async_commit"},
	{bits: 0x100, name: "norecovery"},
	{bits: 0x20000, name: "barrier"},
	{bits: 0x20000, name: "nobarrier", inverted: true},
	{bits: 0x10000, name: "noauto_da_alloc"},
	{bits: 0x10000, name: "auto_da_alloc", inverted: true},
	{bits: ext4InitTable, name: "noinit_itable", inverted: true},
	{bits: 0x4000, name: "user_xattr"},
	{bits: 0x4000, name: "nouser_xattr", inverted: true, when: beforeParsed},
	{bits: 0x8000, name: "acl"},
	{bits: 0x8000, name: "noacl", inverted: true, when: beforeParsed},
	{bits: 0x2000, name: "nouid32"},
	{bits: 0x8, name: "debug"},
	{bits: 0xc0000, name: "quota"},
	{bits: 0xc0000, name: "usrquota"},
	{bits: 0x140000, name: "grpquota"},
	{bits: 0x240000, name: "prjquota"},
	{bits: 0x3c0000, name: "noquota", inverted: true},
	{bits: 0x1, name: "nombcache"},
	{bits: ext4Prefetch, name: "prefetch_block_bitmaps", when: beforePrefetches},
	{bits: ext4Prefetch, name: "no_prefetch_block_bitmaps", when: sincePrefetches},
	{bits: 0x100, name: "abort", second: true, when: sinceParsed},
}

func beforeParsed(e *ext4) bool     { return !e.parsed }
func sinceParsed(e *ext4) bool      { return e.parsed }
func beforePrefetches(e *ext4) bool { return !e.prefetches }
func sincePrefetches(e *ext4) bool  { return e.prefetches }

// switches adds the options that are on or off.
func (p *ext4Print) switches() {
	for _, o := range ext4Options {
		if o.when != nil && !o.when(p.ext4) {
			continue
		}
		set, normal := p.set, p.normal
		if o.second {
			set, normal = p.set2, p.normal2
		}
		if o.bits&(set^normal) == 0 {
			continue
		}
		p.add(o.name, !o.inverted && set&o.bits == o.bits || o.inverted && set&o.bits == 0)
	}
}
