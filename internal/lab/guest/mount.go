package guest

import (
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
}

func (m mount) make() error {
	if _, err := os.Lstat(m.target); err != nil {
		if err := os.MkdirAll(m.target, 0o755); err != nil {
			return err
		}
	}
	if err := unix.Mount(m.source, m.target, m.kind, m.flags, m.options); err != nil {
		return fmt.Errorf("mount %s %q on %q with %q: %w", m.kind, m.source, m.target, m.options, err)
	}
	return nil
}
