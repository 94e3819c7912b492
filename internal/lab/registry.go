package lab

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/barescope/barescope/transport/image"
	"golang.org/x/sys/unix"
)

var (
	// ErrNotRunning means that no guest of a name is in the background.
	ErrNotRunning = errors.New("no such guest is running")
	// ErrRunning means that there is one already.
	ErrRunning = errors.New("a guest of that name is running")
	// ErrBadName means that a guest cannot have a name.
	ErrBadName = errors.New("bad name for a guest")
)

// DefaultName is the name of a guest that was given none.
const DefaultName = "default"

// State says what there is to know about a guest in the background.
type State struct {
	Name string
	// PID is that of the process that holds the guest.
	PID     int
	Kernel  string
	Memory  int
	CPUs    int
	LA57    bool
	Started time.Time
	// RAMFile and LogFile are paths; Pieces says where the parts of the
	// first lie in physical memory.
	RAMFile, LogFile string
	Pieces           []image.Piece
	// Listen and Client are the addresses of the adapter.
	Listen, Client netip.Addr
}

// Target returns the URL that barescope reads the guest under.
func (s *State) Target() string {
	return fmt.Sprintf("nettlp://%s?local=%s", s.Listen, s.Client)
}

// registry is the directory in which guests in the background have a state, a
// lock, a log and a socket each. Who holds the lock holds the guest.
type registry struct{ dir string }

// openRegistry opens the user's directory, which only the user may write to:
// a command that is sent to a socket in it must not go to somebody else.
func openRegistry() (registry, error) {
	parent := os.Getenv("XDG_RUNTIME_DIR")
	name := "barescope"
	if parent == "" {
		parent, name = os.TempDir(), "barescope-"+strconv.Itoa(os.Getuid())
	}
	dir := filepath.Join(parent, name)
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return registry{}, err
	}
	var stat unix.Stat_t
	if err := unix.Lstat(dir, &stat); err != nil {
		return registry{}, fmt.Errorf("%s: %w", dir, err)
	}
	if stat.Mode != unix.S_IFDIR|0o700 || int(stat.Uid) != os.Getuid() {
		return registry{}, fmt.Errorf("%s is not this user's own directory", dir)
	}
	return registry{dir: dir}, nil
}

func (r registry) path(name, suffix string) string { return filepath.Join(r.dir, name+suffix) }

// checkName allows what is good for the name of a file.
func checkName(name string) error {
	const good = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	if name == "" || len(name) > 32 || strings.Trim(name, good) != "" {
		return fmt.Errorf("%w: %q", ErrBadName, name)
	}
	return nil
}

// take locks a name, or fails with ErrRunning.
func (r registry) take(name string) (*os.File, error) {
	file, err := os.OpenFile(r.path(name, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		file.Close()
		return nil, fmt.Errorf("%w: %s", ErrRunning, name)
	}
	return file, nil
}

// write makes a state visible, at once and whole.
func (r registry) write(s *State) error {
	data, err := json.MarshalIndent(s, "", "\t")
	if err != nil {
		return err
	}
	partial := r.path(s.Name, ".partial")
	if err := os.WriteFile(partial, data, 0o600); err != nil {
		return err
	}
	return os.Rename(partial, r.path(s.Name, ".json"))
}

func (r registry) remove(name string) error {
	var problems []error
	for _, suffix := range []string{".json", ".socket"} {
		if err := os.Remove(r.path(name, suffix)); !errors.Is(err, os.ErrNotExist) {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

// read returns the state of a running guest. What a killed process left behind
// is removed.
func (r registry) read(name string) (*State, error) {
	lock, err := r.take(name)
	if err == nil {
		defer lock.Close()
		return nil, errors.Join(fmt.Errorf("%w: %s", ErrNotRunning, name), r.remove(name))
	}
	if !errors.Is(err, ErrRunning) {
		return nil, err
	}
	data, err := os.ReadFile(r.path(name, ".json"))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: it is starting or ending", ErrNotRunning, name)
	}
	s := new(State)
	return s, json.Unmarshal(data, s)
}

// Find returns the guest of a name in the background, the one of
// [DefaultName] for an empty name. The error wraps [ErrNotRunning] or
// [ErrBadName].
func Find(name string) (*State, error) {
	name = cmp.Or(name, DefaultName)
	if err := checkName(name); err != nil {
		return nil, err
	}
	r, err := openRegistry()
	if err != nil {
		return nil, err
	}
	return r.read(name)
}

// List returns all guests in the background, by name.
func List() ([]*State, error) {
	r, err := openRegistry()
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(r.path("*", ".json"))
	if err != nil {
		return nil, err
	}
	var states []*State
	for _, file := range files {
		s, err := r.read(strings.TrimSuffix(filepath.Base(file), ".json"))
		if errors.Is(err, ErrNotRunning) {
			continue
		}
		if err != nil {
			return nil, err
		}
		states = append(states, s)
	}
	return states, nil
}

// freeRetry is how often a lock that somebody else holds is tried for.
const freeRetry = 50 * time.Millisecond

// awaitFree waits until nobody holds a guest of a name.
func (r registry) awaitFree(ctx context.Context, name string) error {
	for {
		lock, err := r.take(name)
		if err == nil {
			return lock.Close()
		}
		if !errors.Is(err, ErrRunning) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(freeRetry):
		}
	}
}
