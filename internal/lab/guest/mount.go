package guest

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// mount is one mount to make. The target is made as a directory if there is
// nothing of the name.
type mount struct {
	source, target, kind string
	flags                uintptr
	options              string
	// configured is set on what a kernel need not be built with: where its
	// kind or its options are unknown, it is left out.
	configured bool
}

func (m mount) make() error {
	if _, err := os.Lstat(m.target); err != nil {
		if err := os.MkdirAll(m.target, 0o755); err != nil {
			return err
		}
	}
	err := unix.Mount(m.source, m.target, m.kind, m.flags, m.options)
	if m.configured && (errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENODEV)) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("mount %s %q on %q with %q: %w", m.kind, m.source, m.target, m.options, err)
	}
	return nil
}
