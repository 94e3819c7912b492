package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

// ErrBadOptions means that no guest can be made of the options.
var ErrBadOptions = errors.New("bad laboratory options")

// Options says what guest to start. Zero values are filled in as the fields
// say.
type Options struct {
	// Kernel is the name of a Debian package, a pattern for one such as
	// linux-image-6.1.0-*-amd64, or the path of a vmlinuz, which has a
	// slash in it.
	Kernel string
	// Modules is the directory with the modules of a vmlinuz that is given
	// by its path. Without it the workload leaves out what needs modules.
	Modules string
	// Memory in MiB: 1024.
	Memory int
	// CPUs is the number of processors: 2.
	CPUs int
	// LA57 gives the guest 5-level page tables.
	LA57 bool
	// PTI switches page-table isolation on.
	PTI bool
	// CommandLine is appended to the kernel's command line.
	CommandLine string
	// Accel is "tcg", the default, or "kvm".
	Accel string
	// Cache is the directory for kernels: $XDG_CACHE_HOME/barescope/lab.
	Cache string
	// GuestProgram is the path of a static executable that calls
	// [guest.Main]: this program itself.
	GuestProgram string
	// BootTimeout bounds the time from the start to the guest's first
	// word: 5 minutes.
	BootTimeout time.Duration
	Log         zerolog.Logger
}

// Defaults of a guest and limits of what it can be.
const (
	defaultMemory = 1024
	defaultCPUs   = 2

	minMemory = 512
	maxMemory = 1 << 20
	maxCPUs   = 255
)

// complete fills in the defaults and checks the rest. Errors wrap
// [ErrBadOptions].
func (o *Options) complete() error {
	if o.Memory == 0 {
		o.Memory = defaultMemory
	}
	if o.CPUs == 0 {
		o.CPUs = defaultCPUs
	}
	if o.Accel == "" {
		o.Accel = "tcg"
	}
	if o.BootTimeout == 0 {
		o.BootTimeout = 5 * time.Minute
	}
	if err := o.completePaths(); err != nil {
		return err
	}
	return o.check()
}

func (o *Options) completePaths() error {
	if o.Cache == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return fmt.Errorf("%w: no directory for kernels: %w", ErrBadOptions, err)
		}
		o.Cache = filepath.Join(cache, "barescope", "lab")
	}
	if o.GuestProgram == "" {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("%w: no program for the guest: %w", ErrBadOptions, err)
		}
		o.GuestProgram = self
	}
	return nil
}

func (o *Options) check() error {
	switch {
	case o.Kernel == "":
		return fmt.Errorf("%w: no kernel", ErrBadOptions)
	case o.Memory < minMemory || o.Memory > maxMemory:
		return fmt.Errorf("%w: %d MiB of memory, not %d to %d", ErrBadOptions, o.Memory, minMemory, maxMemory)
	case o.CPUs < 1 || o.CPUs > maxCPUs:
		return fmt.Errorf("%w: %d processors, not 1 to %d", ErrBadOptions, o.CPUs, maxCPUs)
	case o.Accel != "tcg" && o.Accel != "kvm":
		return fmt.Errorf("%w: accelerator %q, not tcg or kvm", ErrBadOptions, o.Accel)
	case strings.Contains(o.GuestProgram, ","):
		return fmt.Errorf("%w: comma in the path %s", ErrBadOptions, o.GuestProgram)
	case o.Modules != "" && !o.isImage():
		return fmt.Errorf("%w: modules are for a vmlinuz, packages have theirs", ErrBadOptions)
	}
	return nil
}

// isImage reports whether the kernel is given by the path of its image.
func (o *Options) isImage() bool { return strings.Contains(o.Kernel, "/") }

// commandLine returns the kernel's command line. A panicked guest stays as it
// is, to be looked at.
func (o *Options) commandLine() string {
	words := []string{"console=ttyS0", "quiet", "panic=0"}
	if o.PTI {
		words = append(words, "pti=on")
	}
	if o.CommandLine != "" {
		words = append(words, o.CommandLine)
	}
	return strings.Join(words, " ")
}
