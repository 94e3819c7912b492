package vmcoreinfo

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/barescope/barescope/oracle"
)

// ErrMalformed means that what was read is no VMCOREINFO.
var ErrMalformed = errors.New("malformed VMCOREINFO")

// maxSize bounds the text in bytes. Kernels have one page for it
// (VMCOREINFO_BYTES, include/linux/vmcore_info.h).
const maxSize = 64 << 10

// Info is a parsed VMCOREINFO.
type Info struct {
	text   []byte
	values map[string]string
}

// Parse parses the text, which zeros may follow. The error wraps
// [ErrMalformed]: a line is not KEY=VALUE in printable ASCII, or there is no
// OSRELEASE, which every kernel writes first. Of a key that is there twice, the
// first counts, as it does for crash.
func Parse(text []byte) (*Info, error) {
	text = bytes.Clone(bytes.TrimRight(text, "\x00"))
	if len(text) > maxSize {
		return nil, fmt.Errorf("%w: %d bytes, more than %d", ErrMalformed, len(text), maxSize)
	}
	i := &Info{text: text, values: make(map[string]string)}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		key, value, ok := strings.Cut(line, "=")
		if !ok || key == "" || !printable(line) {
			return nil, fmt.Errorf("%w: line %q", ErrMalformed, line)
		}
		if _, known := i.values[key]; !known {
			i.values[key] = value
		}
	}
	if i.values["OSRELEASE"] == "" {
		return nil, fmt.Errorf("%w: no OSRELEASE", ErrMalformed)
	}
	return i, nil
}

func printable(line string) bool {
	return !strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' })
}

// Text returns the text as the kernel wrote it, without zeros behind it. It
// must not be modified.
func (i *Info) Text() []byte { return i.text }

// Lookup returns the value of a key as it is written.
func (i *Info) Lookup(key string) (string, bool) {
	value, ok := i.values[key]
	return value, ok
}

// KASLROffset returns by how much the kernel's virtual addresses are moved. The
// error wraps [ErrMalformed].
func (i *Info) KASLROffset() (uint64, error) {
	v, err := strconv.ParseUint(i.values["KERNELOFFSET"], 16, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: KERNELOFFSET: %w", ErrMalformed, err)
	}
	return v, nil
}

// PhysBase returns what is added to an address of the kernel's image less
// 0xffffffff80000000 to get a physical one. The error wraps [ErrMalformed].
func (i *Info) PhysBase() (int64, error) {
	v, err := strconv.ParseInt(i.values["NUMBER(phys_base)"], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: phys_base: %w", ErrMalformed, err)
	}
	return v, nil
}

// Check compares with what was found out about the kernel without VMCOREINFO.
// The error wraps [oracle.ErrContradiction]: tools that believe the text would
// look in the wrong place; or [ErrMalformed].
func (i *Info) Check(id *oracle.Identity) error {
	offset, err := i.KASLROffset()
	if err != nil {
		return err
	}
	base, err := i.PhysBase()
	if err != nil {
		return err
	}
	switch release := i.values["OSRELEASE"]; {
	case release != id.Release:
		return fmt.Errorf("%w: VMCOREINFO is of release %q, the kernel of %q", oracle.ErrContradiction, release, id.Release)
	case offset != id.KASLROffset:
		return fmt.Errorf("%w: VMCOREINFO says the kernel moved by %#x, it moved by %#x",
			oracle.ErrContradiction, offset, id.KASLROffset)
	case base != id.PhysBase:
		return fmt.Errorf("%w: VMCOREINFO says phys_base is %#x, it is %#x", oracle.ErrContradiction, base, id.PhysBase)
	}
	return nil
}
