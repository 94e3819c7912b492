package kmod

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"strings"
)

// ErrNotModule means that a file is no kernel module.
var ErrNotModule = errors.New("not a kernel module")

// maxModinfo bounds the .modinfo section in bytes. The largest ones, with
// thousands of device aliases, stay below a quarter of that.
const maxModinfo = 1 << 20

// Info is what a module says about itself.
type Info struct {
	// Name as /proc/modules prints it. Empty in modules from before 4.13,
	// whose .modinfo has no name.
	Name string
	// Depends names the modules whose symbols this one uses.
	Depends []string
	// VersionMagic starts with the release of the kernel it was built for.
	VersionMagic string
}

// ParseInfo reads the .modinfo section of a module. The error wraps
// [ErrNotModule].
func ParseInfo(module []byte) (Info, error) {
	section, err := modinfoSection(module)
	if err != nil {
		return Info{}, fmt.Errorf("%w: %w", ErrNotModule, err)
	}
	return parseModinfo(section), nil
}

func modinfoSection(module []byte) ([]byte, error) {
	file, err := elf.NewFile(bytes.NewReader(module))
	if err != nil {
		return nil, err
	}
	section := file.Section(".modinfo")
	if section == nil {
		return nil, errors.New("no .modinfo section")
	}
	if section.Size > maxModinfo || section.FileSize > maxModinfo {
		return nil, fmt.Errorf(".modinfo of %d bytes", section.Size)
	}
	return section.Data()
}

// parseModinfo reads key=value strings that end in a zero byte each.
func parseModinfo(section []byte) Info {
	var info Info
	for entry := range bytes.SplitSeq(section, []byte{0}) {
		key, value, _ := strings.Cut(string(entry), "=")
		switch key {
		case "name":
			info.Name = value
		case "vermagic":
			info.VersionMagic = value
		case "depends":
			info.Depends = splitList(value)
		}
	}
	return info
}

func splitList(value string) []string {
	var names []string
	for name := range strings.SplitSeq(value, ",") {
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}
