package dump

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// names are the files of a dump, by the name that it has when complete.
type names struct{ path string }

func (n names) partial() string    { return n.path + ".partial" }
func (n names) journal() string    { return n.path + ".journal" }
func (n names) unreadable() string { return n.path + ".unreadable" }

// absent returns an error wrapping [ErrExists] for the first path that exists.
func absent(paths ...string) error {
	for _, path := range paths {
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("%w: %s", ErrExists, path)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// create begins a dump. The error wraps [ErrExists].
func create(n names, o *Options, l *layout) (*dumper, error) {
	if err := absent(n.partial()); err != nil {
		return nil, fmt.Errorf("%w: a dump that can be resumed", err)
	}
	if err := absent(n.path, n.journal(), n.unreadable()); err != nil {
		return nil, err
	}
	j := journal{
		Version: journalVersion, Format: o.Format, Ranges: o.Ranges, Size: l.size, Machine: o.Machine,
		Started: time.Now().UTC(),
	}
	d := &dumper{names: n, options: o, layout: l, journal: j}
	d.sink.hash = sha256.New()
	if err := d.openFiles(os.O_CREATE | os.O_EXCL); err != nil {
		return nil, errors.Join(err, n.remove())
	}
	return d, nil
}

// resume goes on with a dump. The error wraps [ErrExists] when it is complete,
// [ErrNothingToResume], [ErrBadJournal], or is one of [journal.continues].
func resume(n names, o *Options, l *layout) (*dumper, error) {
	if err := absent(n.path); err != nil {
		return nil, fmt.Errorf("%w and is complete", err)
	}
	f, err := os.Open(n.journal())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: there is no %s", ErrNothingToResume, n.journal())
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	j, hash, err := parseJournal(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.journal(), err)
	}
	if err := j.continues(o, l); err != nil {
		return nil, fmt.Errorf("%s: %w", n.partial(), err)
	}
	d := &dumper{names: n, options: o, layout: l, journal: *j, spent: j.Elapsed, saved: j.Offset}
	d.sink = sink{hash: hash, offset: j.Offset, stored: j.Stored}
	return d, d.openFiles(0)
}

// openFiles opens what is written to, with flags besides, and cuts off what
// the journal does not vouch for.
func (d *dumper) openFiles(flags int) error {
	f, err := openLocked(d.names.partial(), flags, int64(d.journal.Offset))
	if err != nil {
		return err
	}
	d.sink.file = f
	err = f.Truncate(int64(d.journal.Offset))
	if err == nil {
		err = d.openList(flags)
	}
	if err != nil {
		f.Close()
	}
	return err
}

func (d *dumper) openList(flags int) error {
	f, err := openLocked(d.names.unreadable(), flags, d.journal.Unreadable.Size)
	if err != nil {
		return err
	}
	d.list, err = openList(f, d.journal.Unreadable)
	if err != nil {
		f.Close()
	}
	return err
}

// openLocked opens a file for this process alone. It must have a length of at
// least size, or the error wraps [ErrBadJournal]. What the file holds is what
// the target's memory holds, secrets included: it is for its owner only.
func openLocked(path string, flags int, size int64) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|flags, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s is in use: %w", path, err)
	}
	info, err := f.Stat()
	if err == nil && info.Size() < size {
		err = fmt.Errorf("%w: %s has %d bytes and should have %d", ErrBadJournal, path, info.Size(), size)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// remove removes all files of a dump that has not begun.
func (n names) remove() error {
	var errs []error
	for _, path := range []string{n.partial(), n.unreadable(), n.journal()} {
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// publish gives a complete dump its name.
func (d *dumper) publish() error {
	if err := absent(d.names.path); err != nil {
		return err
	}
	return os.Rename(d.names.partial(), d.names.path)
}

// tidy removes what a published dump does not need.
func (d *dumper) tidy() error {
	err := errors.Join(d.close(), os.Remove(d.names.journal()))
	if d.journal.Unreadable.Bytes == 0 {
		err = errors.Join(err, os.Remove(d.names.unreadable()))
	}
	return errors.Join(err, syncDirectory(filepath.Dir(d.names.path)))
}

// syncDirectory makes names last.
func syncDirectory(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
