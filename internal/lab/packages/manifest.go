package packages

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/barescope/barescope/internal/lab/kmod"
)

const manifestName = "kernel.json"

// errStale means that a kept kernel cannot be used and has to be made again.
var errStale = errors.New("kept kernel is not usable")

// manifest says what a kept kernel consists of.
type manifest struct {
	Package, Version string
	Want             Want
	// Image, SystemMap and Config are file names in the directory; the
	// last two may be empty.
	Image, SystemMap, Config string
	// Modules names the modules in load order; the file of each is its
	// name with .ko behind it.
	Modules []string
	// Digests holds the SHA-256 of each file by its name.
	Digests map[string]string
}

// add writes a file of the kernel and notes its digest.
func (m *manifest) add(dir, name string, data []byte) error {
	m.Digests[name] = digest(data)
	return os.WriteFile(filepath.Join(dir, name), data, 0o644)
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func (m *manifest) write(dir string) error {
	data, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, manifestName), data, 0o644)
}

// load returns the kernel kept in a directory. The error wraps errStale when
// there is none, when it is damaged, or when it was made for other modules.
func load(dir string, r record, want Want) (*Kernel, error) {
	data, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errStale, err)
	}
	var m manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("%w: %w", errStale, err)
	}
	if m.Package != r.Name || m.Version != r.Version || !sameWant(m.Want, want) {
		return nil, fmt.Errorf("%w: made for something else", errStale)
	}
	return m.kernel(dir)
}

func sameWant(a, b Want) bool {
	return slices.Equal(a.Modules, b.Modules) && slices.Equal(a.Optional, b.Optional)
}

// kernel checks every file of the manifest and returns the kernel.
func (m *manifest) kernel(dir string) (*Kernel, error) {
	contents := map[string][]byte{}
	for name, want := range m.Digests {
		data, err := os.ReadFile(filepath.Join(dir, filepath.Base(name)))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errStale, err)
		}
		if digest(data) != want {
			return nil, fmt.Errorf("%w: %s is damaged", errStale, name)
		}
		contents[name] = data
	}
	k := &Kernel{Name: m.Package, Image: filepath.Join(dir, m.Image)}
	if m.SystemMap != "" {
		k.SystemMap = filepath.Join(dir, m.SystemMap)
	}
	if m.Config != "" {
		k.Config = filepath.Join(dir, m.Config)
	}
	for _, name := range m.Modules {
		k.Modules = append(k.Modules, kmod.Module{Name: name, Data: contents[name+".ko"]})
	}
	return k, nil
}
