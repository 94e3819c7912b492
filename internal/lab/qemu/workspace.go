package qemu

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// sharedMemory is where the RAM file lies if there is room: a file system in
// memory, so that the guest's pages are not written to a disk.
const sharedMemory = "/dev/shm"

// margin of free space in bytes that a RAM file leaves.
const margin = 256 * mebibyte

// workspace is a directory that lives as long as the machine.
type workspace struct {
	dir  string
	lock *os.File
}

// newWorkspace makes a directory with room for so many bytes. It removes those
// that a killed process left: a living one holds a lock on its own.
func newWorkspace(size uint64) (*workspace, error) {
	parent := workspaceParent(size)
	sweep(parent)
	dir, err := os.MkdirTemp(parent, "barescope-lab-")
	if err != nil {
		return nil, err
	}
	lock, err := takeLock(dir)
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	return &workspace{dir: dir, lock: lock}, nil
}

func (w *workspace) path(name string) string { return filepath.Join(w.dir, name) }

func (w *workspace) remove() error {
	err := os.RemoveAll(w.dir)
	return errors.Join(err, w.lock.Close())
}

func workspaceParent(size uint64) string {
	var fs unix.Statfs_t
	if err := unix.Statfs(sharedMemory, &fs); err == nil {
		if fs.Bavail*uint64(fs.Bsize) >= size+margin && unix.Access(sharedMemory, unix.W_OK) == nil {
			return sharedMemory
		}
	}
	return os.TempDir()
}

const lockName = "lock"

// takeLock locks a directory. It fails when somebody else holds the lock, or
// is just about to take it: the file is not there yet.
func takeLock(dir string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		file.Close()
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return file, nil
}

// sweep removes the directories whose lock nobody holds. What it cannot
// remove belongs to somebody else.
func sweep(parent string) {
	locks, err := filepath.Glob(filepath.Join(parent, "barescope-lab-*", lockName))
	if err != nil {
		return
	}
	for _, path := range locks {
		dir := filepath.Dir(path)
		if lock, err := takeLock(dir); err == nil {
			os.RemoveAll(dir)
			lock.Close()
		}
	}
}
