// Package disk makes small disk images with a file system on them, with the
// host's own mkfs programs. The guest mounts them through loop devices.
package disk

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/barescope/barescope/internal/lab/qemu"
)

// kinds of file systems that images are made of.
var kinds = []struct {
	name, program, debianPackage string
	size                         int64
	arguments                    []string
}{
	// With 1 KiB blocks a journal takes 1 MiB.
	{"ext4", "mkfs.ext4", "e2fsprogs", 3 << 20, []string{"-q", "-F", "-b", "1024", "-J", "size=1", "-N", "64"}},
	// The program refuses file systems below 300 MiB unless told that
	// nobody will complain; 16 MiB is the smallest that works. A kernel
	// before 5.19 cannot mount one with 64-bit extent counters.
	{"xfs", "mkfs.xfs", "xfsprogs", 16 << 20, []string{"--unsupported", "-q", "-f", "-i", "nrext64=0"}},
}

// Make returns the images by the name of their file system. Errors wrap
// [qemu.ErrMissing].
func Make(ctx context.Context) (map[string][]byte, error) {
	dir, err := os.MkdirTemp("", "barescope-disk-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	images := map[string][]byte{}
	for _, k := range kinds {
		program, err := qemu.Find(k.program, k.debianPackage)
		if err != nil {
			return nil, err
		}
		image := filepath.Join(dir, k.name)
		if images[k.name], err = format(ctx, image, k.size, program, k.arguments); err != nil {
			return nil, fmt.Errorf("%s image: %w", k.name, err)
		}
	}
	return images, nil
}

func format(ctx context.Context, image string, size int64, program string, arguments []string) ([]byte, error) {
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		return nil, err
	}
	if err := os.Truncate(image, size); err != nil {
		return nil, err
	}
	output, err := exec.CommandContext(ctx, program, append(arguments, image)...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", program, err, output)
	}
	return os.ReadFile(image)
}
