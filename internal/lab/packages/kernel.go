package packages

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/barescope/barescope/internal/lab/kmod"
)

// Kernel is what is needed of a kernel to boot it.
type Kernel struct {
	// Name of the package, or the path of the image.
	Name string
	// Image is the path of the bootable image (bzImage).
	Image string
	// SystemMap and Config are paths, or empty where there is no such
	// file. Debian's System.map has no addresses in it.
	SystemMap, Config string
	// Modules to load, each after those it depends on.
	Modules []kmod.Module
}

// Want says which modules of a kernel are wanted.
type Want struct {
	// Modules that must be there, as files or as part of the kernel.
	Modules []string
	// Optional modules, loaded first, where the kernel has them.
	Optional []string
}

// order returns the modules to load from a tree.
func (w Want) order(tree *kmod.Tree) ([]kmod.Module, error) {
	var names []string
	for _, name := range w.Optional {
		if tree.Has(name) {
			names = append(names, name)
		}
	}
	return tree.Order(append(names, w.Modules...)...)
}

// digest tells wants apart in a file name, so that users of one store that
// want different modules do not undo each other's work.
func (w Want) digest() string {
	return digest([]byte(strings.Join(w.Optional, " ") + "|" + strings.Join(w.Modules, " ")))[:8]
}

// ErrBadImage means that a file is no kernel that can be booted here.
var ErrBadImage = errors.New("not an x86 kernel image")

// File returns the kernel of an image file, with modules from a directory
// such as /lib/modules/RELEASE, or with none if the directory is empty.
// Errors wrap [ErrBadImage], [kmod.ErrNoModule] or those of the os package.
func File(image, modules string, want Want) (*Kernel, error) {
	if err := checkImage(image); err != nil {
		return nil, err
	}
	kernel := &Kernel{Name: image, Image: image}
	if modules == "" {
		return kernel, nil
	}
	tree, err := kmod.Open(modules)
	if err != nil {
		return nil, err
	}
	kernel.Modules, err = want.order(tree)
	return kernel, err
}

// Offset and value of the boot protocol's magic number.
// Source: Documentation/arch/x86/boot.rst, field "header".
const (
	bootMagicOffset = 0x202
	bootMagic       = "HdrS"
)

func checkImage(image string) error {
	file, err := os.Open(image)
	if err != nil {
		return err
	}
	defer file.Close()
	magic := make([]byte, len(bootMagic))
	if _, err := file.ReadAt(magic, bootMagicOffset); err != nil || string(magic) != bootMagic {
		return fmt.Errorf("%w: %s", ErrBadImage, image)
	}
	return nil
}
