package packages

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/barescope/barescope/internal/lab/kmod"
)

// parts are the packages that a kernel's package can be made of. From 7.0 on
// linux-image-VERSION is empty and depends on one with the image, one with the
// modules, and one that lists the modules which are built in.
var parts = []string{"linux-base-", "linux-binary-", "linux-modules-"}

// unpack downloads a kernel's package, and those it is made of, into work and
// unpacks them below root.
func (s *Store) unpack(ctx context.Context, work, root string, r record) error {
	records := []record{r}
	for _, name := range r.Depends {
		if !hasAnyPrefix(name, parts) {
			continue
		}
		part, err := s.apt.show(ctx, name)
		if err != nil {
			return err
		}
		records = append(records, part)
	}
	for _, r := range records {
		archive, err := s.apt.download(ctx, r, work)
		if err != nil {
			return err
		}
		output, err := exec.CommandContext(ctx, "dpkg-deb", "--extract", archive, root).CombinedOutput()
		if err != nil {
			return fmt.Errorf("unpack %s: %w: %s", archive, err, lastLines(string(output), 2))
		}
	}
	return nil
}

func hasAnyPrefix(s string, prefixes []string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return false
}

// keep copies what is wanted of an unpacked kernel into a directory that it
// makes.
func keep(root, dir string, r record, want Want) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	m := manifest{Package: r.Name, Version: r.Version, Want: want, Digests: map[string]string{}}
	if err := m.keepImage(root, dir); err != nil {
		return err
	}
	if err := m.keepModules(root, dir); err != nil {
		return err
	}
	return m.write(dir)
}

// keepImage copies the image and, where they are, System.map and the
// configuration.
func (m *manifest) keepImage(root, dir string) error {
	var err error
	if m.Image, err = m.keepFirst(root, dir, "vmlinuz", "boot/vmlinuz-*", "usr/lib/modules/*/vmlinuz"); err != nil {
		return err
	}
	if m.Image == "" {
		return fmt.Errorf("%w: the package holds no vmlinuz", ErrBadImage)
	}
	if m.SystemMap, err = m.keepFirst(root, dir, "System.map", "boot/System.map-*", "usr/lib/modules/*/System.map"); err != nil {
		return err
	}
	if m.Config, err = m.keepFirst(root, dir, "config", "boot/config-*", "usr/lib/modules/*/config"); err != nil {
		return err
	}
	return checkImage(filepath.Join(dir, m.Image))
}

// keepFirst copies the first file that fits a pattern and returns its name,
// or "" when none does.
func (m *manifest) keepFirst(root, dir, name string, patterns ...string) (string, error) {
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(found) == 0 {
			continue
		}
		data, err := os.ReadFile(found[0])
		if err != nil {
			return "", err
		}
		return name, m.add(dir, name, data)
	}
	return "", nil
}

func (m *manifest) keepModules(root, dir string) error {
	tree, err := openModules(root)
	if err != nil {
		return err
	}
	modules, err := m.Want.order(tree)
	if err != nil {
		return err
	}
	for _, module := range modules {
		m.Modules = append(m.Modules, module.Name)
		if err := m.add(dir, module.Name+".ko", module.Data); err != nil {
			return err
		}
	}
	return nil
}

// openModules opens the modules of an unpacked package: below /lib until
// Debian 12, below /usr/lib since.
func openModules(root string) (*kmod.Tree, error) {
	for _, dir := range []string{"lib/modules", "usr/lib/modules"} {
		tree, err := kmod.Open(filepath.Join(root, dir))
		if !errors.Is(err, fs.ErrNotExist) {
			return tree, err
		}
	}
	return nil, errors.New("the package holds no modules")
}
