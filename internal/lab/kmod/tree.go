package kmod

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// ErrNoModule means that a tree has no module of a name, and that the kernel
// has none of that name built in either.
var ErrNoModule = errors.New("no such module")

// Tree is a directory of modules, such as /lib/modules/RELEASE.
type Tree struct {
	// files holds the path of each module by name.
	files   map[string]string
	builtin map[string]bool
}

// Open indexes the modules below a directory, and what its modules.builtin,
// if there is one, says about modules that are part of the kernel itself.
func Open(dir string) (*Tree, error) {
	t := &Tree{files: map[string]string{}, builtin: map[string]bool{}}
	err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name, ok := moduleName(entry.Name()); ok && entry.Type().IsRegular() {
			t.files[name] = file
		}
		if entry.Name() == "modules.builtin" {
			return t.readBuiltin(file)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("index modules: %w", err)
	}
	return t, nil
}

// readBuiltin reads modules.builtin: the path that each module would have had,
// one a line.
func (t *Tree) readBuiltin(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if name, ok := moduleName(path.Base(lines.Text())); ok {
			t.builtin[name] = true
		}
	}
	return lines.Err()
}

// Has reports whether the tree or the kernel itself has the module.
func (t *Tree) Has(name string) bool {
	name = Canonical(name)
	return t.files[name] != "" || t.builtin[name]
}
