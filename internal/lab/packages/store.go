package packages

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rs/zerolog"
)

// Store keeps kernels below a directory.
type Store struct {
	dir string
	apt apt
	log zerolog.Logger
}

// making is the prefix of directories that hold a kernel which is being made.
const making = ".making-"

// Open returns the store below a directory, which is made if need be.
func Open(dir string, log zerolog.Logger) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, "kernels"), 0o755); err != nil {
		return nil, fmt.Errorf("open the kernel store: %w", err)
	}
	return &Store{dir: dir, log: log, apt: apt{dir: filepath.Join(dir, "apt"), log: log}}, nil
}

// Kernel returns the kernel of a Debian package such as
// linux-image-6.1.0-32-amd64, or the newest that fits a pattern such as
// linux-image-6.1.0-*-amd64, in which an asterisk stands for no hyphen. What
// the store does not have yet is fetched. Errors wrap [ErrNotFound],
// [ErrFetch], [kmod.ErrNoModule] or the context's.
func (s *Store) Kernel(ctx context.Context, name string, want Want) (*Kernel, error) {
	release, err := lock(ctx, filepath.Join(s.dir, "lock"))
	if err != nil {
		return nil, err
	}
	defer release()
	if err := s.apt.configure(); err != nil {
		return nil, fmt.Errorf("open the kernel store: %w", err)
	}
	r, err := s.resolve(ctx, name)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(s.dir, "kernels", r.Name+"_"+r.Version+"_"+want.digest())
	kernel, err := load(dir, r, want)
	if !errors.Is(err, errStale) {
		return kernel, err
	}
	s.log.Debug().Err(err).Str("package", r.Name).Msg("making the kernel")
	if err := s.make(ctx, dir, r, want); err != nil {
		return nil, fmt.Errorf("kernel %s: %w", r.Name, err)
	}
	return load(dir, r, want)
}

// resolve finds the package of a name or pattern. The lists are fetched when
// there are none, and once more when they do not have the package.
func (s *Store) resolve(ctx context.Context, name string) (record, error) {
	fetched := false
	if !s.apt.haveLists() {
		if err := s.apt.update(ctx); err != nil {
			return record{}, err
		}
		fetched = true
	}
	r, err := s.lookUp(ctx, name)
	if fetched || !errors.Is(err, ErrNotFound) {
		return r, err
	}
	if err := s.apt.update(ctx); err != nil {
		return record{}, err
	}
	return s.lookUp(ctx, name)
}

func (s *Store) lookUp(ctx context.Context, name string) (record, error) {
	if !isGlob(name) {
		return s.apt.show(ctx, name)
	}
	names, err := s.apt.names(ctx, globPrefix(name))
	if err != nil {
		return record{}, err
	}
	found := newest(name, names)
	if found == "" {
		return record{}, fmt.Errorf("%w: %s", ErrNotFound, name)
	}
	return s.apt.show(ctx, found)
}

// make makes a kernel in a directory beside the one it is for and moves it
// there. The caller holds the lock, so what an interrupted process left
// behind can go.
func (s *Store) make(ctx context.Context, dir string, r record, want Want) error {
	parent := filepath.Dir(dir)
	if err := removeLeftovers(parent); err != nil {
		return err
	}
	work, err := os.MkdirTemp(parent, making)
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	root := filepath.Join(work, "root")
	if err := s.unpack(ctx, work, root, r); err != nil {
		return err
	}
	kept := filepath.Join(work, "kept")
	if err := keep(root, kept, r, want); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.Rename(kept, dir)
}

func removeLeftovers(parent string) error {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), making) {
			if err := os.RemoveAll(filepath.Join(parent, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
