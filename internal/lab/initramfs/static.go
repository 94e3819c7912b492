package initramfs

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"os"
)

// ErrNotStatic means that a program needs shared libraries, or is none at all.
// The guest has no libraries.
var ErrNotStatic = errors.New("not a static x86-64 executable")

// readStatic returns the contents of a static executable.
func readStatic(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	file, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", path, ErrNotStatic, err)
	}
	if file.Machine != elf.EM_X86_64 {
		return nil, fmt.Errorf("%s: %w: made for %s", path, ErrNotStatic, file.Machine)
	}
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_INTERP {
			return nil, fmt.Errorf("%s: %w: it has a dynamic linker", path, ErrNotStatic)
		}
	}
	return data, nil
}
