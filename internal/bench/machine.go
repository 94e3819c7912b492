package bench

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rs/zerolog"

	"github.com/barescope/barescope/internal/lab"
	"github.com/barescope/barescope/transport/image"
)

// DefaultKernel is what a machine runs that does not say.
const DefaultKernel = "linux-image-6.12.*+deb12-amd64"

// Machine says which guest is measured.
type Machine struct {
	// Kernel is the name of a Debian package or a pattern for one;
	// DefaultKernel if empty.
	Kernel string
	// Memory in MiB.
	Memory int
	// Spawn is how many processes it runs beside its workload.
	Spawn int
}

// kernel returns the package to run.
func (m Machine) kernel() string { return cmp.Or(m.Kernel, DefaultKernel) }

// name is that of its directory in the cache. The number in front changes
// with what a snapshot consists of.
func (m Machine) name() string {
	kernel := strings.NewReplacer("*", "x", "/", "_").Replace(m.kernel())
	return fmt.Sprintf("1-%s-%dMiB-%d", kernel, m.Memory, m.Spawn)
}

// Snapshot is the RAM of a guest at one instant, and what the guest said about
// itself then.
type Snapshot struct {
	// Kernel is the name of the package that the guest ran.
	Kernel string `json:"kernel"`
	// Pieces says where the parts of the file lie in physical memory.
	Pieces []image.Piece `json:"pieces"`
	// Processes are the numbers of all processes, in ascending order, but
	// for the one that looked, Collector: it may be gone.
	Processes []int `json:"processes"`
	Collector int   `json:"collector"`
	// Path of the file, which is sparse, and how many bytes of it are not.
	Path   string `json:"-"`
	Copied uint64 `json:"copied"`
}

// Open returns the snapshot's memory.
func (s *Snapshot) Open() (*image.Image, error) {
	return image.Open(s.Path, image.Options{Format: image.Raw, Pieces: s.Pieces})
}

// Lab says how to make snapshots that the cache has not got.
type Lab struct {
	// Cache is the directory of snapshots: $XDG_CACHE_HOME/barescope/bench.
	Cache string
	// GuestProgram and Accel are those of lab.Options.
	GuestProgram, Accel string
	Log                 zerolog.Logger
}

// Snapshot returns that of a machine from the cache. If it is not there, it
// boots one, which takes a minute or more. The errors are those of lab.Up and
// of files.
func (l Lab) Snapshot(ctx context.Context, m Machine) (*Snapshot, error) {
	if l.Cache == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil, err
		}
		l.Cache = filepath.Join(cache, "barescope", "bench")
	}
	dir := filepath.Join(l.Cache, m.name())
	s, err := load(dir)
	if errors.Is(err, fs.ErrNotExist) {
		s, err = l.make(ctx, m, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("snapshot of a guest with %d MiB: %w", m.Memory, err)
	}
	return s, nil
}

func load(dir string) (*Snapshot, error) {
	text, err := os.ReadFile(filepath.Join(dir, "snapshot.json"))
	if err != nil {
		return nil, err
	}
	s := &Snapshot{Path: filepath.Join(dir, "ram")}
	return s, json.Unmarshal(text, s)
}

// make boots a machine and puts its snapshot into dir, all at once.
func (l Lab) make(ctx context.Context, m Machine, dir string) (*Snapshot, error) {
	if err := os.MkdirAll(l.Cache, 0o755); err != nil {
		return nil, err
	}
	temporary, err := os.MkdirTemp(l.Cache, "new-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temporary)
	if err := l.take(ctx, m, temporary); err != nil {
		return nil, err
	}
	if err := os.Rename(temporary, dir); err != nil {
		return nil, err
	}
	return load(dir)
}

func (l Lab) take(ctx context.Context, m Machine, dir string) (err error) {
	g, err := lab.Up(ctx, lab.Options{Kernel: m.kernel(), Memory: m.Memory, GuestProgram: l.GuestProgram, Accel: l.Accel, Log: l.Log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	if m.Spawn > 0 {
		if err := g.Spawn(ctx, m.Spawn); err != nil {
			return err
		}
	}
	said, err := g.Snapshot(ctx, lab.Freeze)
	if err != nil {
		return err
	}
	s := Snapshot{Kernel: g.Kernel().Name, Pieces: g.Pieces(), Collector: said.Collector}
	for _, p := range said.Processes() {
		if p.TGID != s.Collector {
			s.Processes = append(s.Processes, p.TGID)
		}
	}
	slices.Sort(s.Processes)
	if s.Copied, err = copySparse(filepath.Join(dir, "ram"), g.RAMFile()); err != nil {
		return err
	}
	text, err := json.MarshalIndent(&s, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "snapshot.json"), text, 0o644)
}
