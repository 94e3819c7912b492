package initramfs

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"

	"github.com/barescope/barescope/internal/lab/guest"
	"github.com/barescope/barescope/internal/lab/kmod"
	"github.com/barescope/barescope/internal/lab/qemu"
)

// Contents says what goes into an initramfs.
type Contents struct {
	// Program is the path of the guest's program, a static executable.
	Program string
	// Modules in load order. Modular says that they are all there.
	Modules []kmod.Module
	Modular bool
	// Images are disk images by name.
	Images map[string][]byte
}

// script is what the kernel starts. It cannot start the program itself, which
// would take the name /init for its command line.
const script = "#!/bin/busybox sh\nexec " + guest.ProgramPath + " " + guest.Command + " init\n"

// users and groups that the workload's processes run as.
const (
	users  = "root:x:0:0:root:/:/bin/sh\nuser:x:1000:1000::/:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n"
	groups = "root:x:0:\ntty:x:5:\nuser:x:1000:\nnogroup:x:65534:\n"
)

// Write writes an initramfs. Errors wrap [qemu.ErrMissing] or [ErrNotStatic].
func Write(ctx context.Context, w io.Writer, c Contents) error {
	a, err := newArchive(w)
	if err != nil {
		return err
	}
	for _, add := range []func() error{
		func() error { return a.addBusybox(ctx) },
		func() error { return a.addProgram(c.Program) },
		func() error { return a.addModules(c) },
		func() error { return a.addImages(c.Images) },
		a.addFiles,
		a.close,
	} {
		if err := add(); err != nil {
			return fmt.Errorf("initramfs: %w", err)
		}
	}
	return nil
}

func (a *archive) addFiles() error {
	for _, dir := range []string{"proc", "sys", "dev", "run", "tmp", "mnt"} {
		if err := a.directory(dir); err != nil {
			return err
		}
	}
	if err := a.file("etc/passwd", 0o644, []byte(users)); err != nil {
		return err
	}
	if err := a.file("etc/group", 0o644, []byte(groups)); err != nil {
		return err
	}
	return a.file("init", 0o755, []byte(script))
}

// addBusybox adds the host's busybox with a link for each of its programs.
func (a *archive) addBusybox(ctx context.Context) error {
	program, err := qemu.Find("busybox", "busybox-static")
	if err != nil {
		return err
	}
	data, err := readStatic(program)
	if err != nil {
		return fmt.Errorf("%w: apt-get install busybox-static", err)
	}
	if err := a.file("bin/busybox", 0o755, data); err != nil {
		return err
	}
	applets, err := exec.CommandContext(ctx, program, "--list").Output()
	if err != nil {
		return fmt.Errorf("%s --list: %w", program, err)
	}
	for applet := range strings.FieldsSeq(string(applets)) {
		if applet == "busybox" {
			continue
		}
		if err := a.symlink("bin/"+path.Base(applet), "busybox"); err != nil {
			return err
		}
	}
	return nil
}

func (a *archive) addProgram(program string) error {
	data, err := readStatic(program)
	if err != nil {
		return fmt.Errorf("%w: build it with CGO_ENABLED=0", err)
	}
	return a.file(guest.ProgramPath, 0o755, data)
}

func (a *archive) addModules(c Contents) error {
	config := guest.Config{Modular: c.Modular}
	for _, module := range c.Modules {
		name := module.Name + ".ko"
		config.Modules = append(config.Modules, name)
		if err := a.file(path.Join(guest.ModuleDir, name), 0o644, module.Data); err != nil {
			return err
		}
	}
	data, err := json.Marshal(config)
	if err != nil {
		return err
	}
	return a.file(guest.ConfigPath, 0o644, data)
}

func (a *archive) addImages(images map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(images)) {
		if err := a.file(path.Join(guest.ImageDir, name), 0o644, images[name]); err != nil {
			return err
		}
	}
	return nil
}

// WriteFile writes an initramfs to a file.
func WriteFile(ctx context.Context, name string, c Contents) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := Write(ctx, file, c); err != nil {
		return err
	}
	return file.Close()
}
