package guest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxSpawn keeps the guest below its largest process id.
const maxSpawn = 30000

// spawn has a process start sleeping processes, and returns when they are
// there.
func spawn(count int) error {
	if count < 1 || count > maxSpawn {
		return fmt.Errorf("spawn %d processes, not 1 to %d", count, maxSpawn)
	}
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer read.Close()
	_, err = start(write, "spawn", strconv.Itoa(count))
	write.Close()
	if err != nil {
		return err
	}
	problem, err := io.ReadAll(read)
	if err == nil && len(problem) > 0 {
		err = errors.New(string(problem))
	}
	return err
}

// runSpawn forks and then only stays, as the parent.
func runSpawn(args []string) error {
	if err := forkSleepers(args); err != nil {
		fmt.Print(err)
		return err
	}
	if err := os.Stdout.Close(); err != nil {
		return err
	}
	for {
		_ = unix.Pause()
	}
}

func forkSleepers(args []string) error {
	if len(args) != 1 {
		return errors.New("spawn takes a number")
	}
	count, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	restore, err := blockSignals()
	if err != nil {
		return err
	}
	for i := range count {
		// A child is born with its parent's name.
		if err := renameSelf("sleeper " + strconv.Itoa(i)); err != nil {
			return err
		}
		if result := cloneSleeper(unix.CLONE_VM | unix.CLONE_FILES | uintptr(unix.SIGCHLD)); int(result) < 0 {
			return fmt.Errorf("fork %d of %d: %w", i, count, syscall.Errno(-result))
		}
	}
	return errors.Join(restore(), renameSelf("spawner"))
}

// cloneSleeper forks a process that sleeps for ever. It shares its parent's
// memory, so it costs little more than what the kernel needs to know about it.
// It returns the process id or, below zero, an error number.
func cloneSleeper(flags uintptr) uintptr
