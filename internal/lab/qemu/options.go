package qemu

import (
	"errors"
	"fmt"
	"os/exec"
	"strconv"
)

// ErrMissing means that a program the laboratory needs is not installed. The
// text names the Debian package.
var ErrMissing = errors.New("not installed")

// Program is the emulator's name.
const Program = "qemu-system-x86_64"

// Options says what machine to start.
type Options struct {
	// Kernel is a path, CommandLine the kernel's.
	Kernel, CommandLine string
	// Initramfs writes the initramfs to a file, which goes with the
	// machine.
	Initramfs func(file string) error
	// Memory in MiB.
	Memory int
	// CPUs is the number of virtual processors.
	CPUs int
	// LA57 gives the processors 5-level paging, which Linux then uses.
	LA57 bool
	// Accel is "tcg" or "kvm".
	Accel string
}

// The descriptors that the emulator inherits, in the order of ExtraFiles.
const (
	consoleDescriptor = iota + 3
	lineDescriptor
	monitorDescriptor
)

// arguments returns the emulator's command line. No network card and no
// display: their option ROMs cost a second of boot time.
func (o *Options) arguments(ram, initramfs string) []string {
	return []string{
		"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		"-accel", accel(o.Accel),
		"-cpu", o.cpu(),
		"-smp", strconv.Itoa(o.CPUs),
		"-m", strconv.Itoa(o.Memory),
		"-object", fmt.Sprintf("memory-backend-file,id=ram,size=%dM,mem-path=%s,share=on", o.Memory, ram),
		"-machine", "q35,memory-backend=ram",
		"-chardev", fmt.Sprintf("socket,id=console,fd=%d", consoleDescriptor),
		"-serial", "chardev:console",
		"-chardev", fmt.Sprintf("socket,id=line,fd=%d", lineDescriptor),
		"-serial", "chardev:line",
		"-chardev", fmt.Sprintf("socket,id=monitor,fd=%d", monitorDescriptor),
		"-mon", "chardev=monitor,mode=control",
		"-kernel", o.Kernel, "-initrd", initramfs, "-append", o.CommandLine,
	}
}

// accel returns the accelerator's argument. One host thread emulates all
// processors in turn: with one each, QEMU 7.2 now and then lets a processor run
// into the breakpoint of code that another one is patching, and Linux panics.
// It also boots sooner on a host whose processors are busy.
func accel(name string) string {
	if name == "tcg" {
		return "tcg,thread=single"
	}
	return name
}

func (o *Options) cpu() string {
	model := "host"
	if o.Accel == "tcg" {
		model = "max"
	}
	if o.LA57 {
		return model + ",la57=on"
	}
	return model + ",la57=off"
}

// Find returns the path of a program, or an error wrapping [ErrMissing] that
// names the Debian package which has it.
func Find(program, debianPackage string) (string, error) {
	// The administrator's programs are not in everybody's PATH.
	for _, name := range []string{program, "/usr/sbin/" + program, "/sbin/" + program} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: %s: apt-get install %s", ErrMissing, program, debianPackage)
}
