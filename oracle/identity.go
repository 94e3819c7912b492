package oracle

import (
	"time"

	"github.com/barescope/barescope/transport"
)

// Identity is what an opened kernel says about itself.
type Identity struct {
	// Release as uname -r prints it, Version as uname -v does.
	Release string
	Version string
	// Banner is the text of linux_banner without its newline.
	Banner string
	// BuildID is the GNU build id of the kernel's .notes section in
	// lower-case hexadecimal, empty when it has none.
	BuildID string
	// Arch is always "x86_64"; others are refused.
	Arch string
	// PagingLevels is 4, or 5 with LA57.
	PagingLevels int

	// TextBase and TextPhys are the virtual and physical address of _text.
	TextBase Address
	TextPhys transport.Address
	// KASLROffset is TextBase less 0xffffffff81000000.
	KASLROffset uint64
	// PhysBase is the kernel's phys_base: what is added to an address of
	// the kernel image less 0xffffffff80000000 to get a physical one.
	PhysBase int64
	// PageOffset is the start of the direct map.
	PageOffset Address

	// BootTime is when the kernel booted, by its own wall clock; Uptime is
	// how long ago that was at the last clock tick that memory shows. For
	// a panicked kernel that is the time of its death.
	BootTime time.Time
	Uptime   time.Duration
	// Panicked is true when the kernel has panicked: panic_cpu is set.
	Panicked bool

	// RAM is the target's System RAM, from its own resource tree.
	RAM []transport.Range
	// TypesFrom and SymbolsFrom name the source of each, such as "memory".
	TypesFrom   string
	SymbolsFrom string
	// BTF is true when the kernel's memory holds BTF, IKConfig when it
	// holds its configuration.
	BTF      bool
	IKConfig bool

	// CPUs is the number of processors that are online.
	CPUs int
	// Hostname is the node name of the first UTS namespace.
	Hostname string
}
