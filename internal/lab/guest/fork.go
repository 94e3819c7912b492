package guest

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// life is how a forked task spends its time.
type life uint8

const (
	sleeping life = iota
	// running never sleeps.
	running
	// stopped got SIGSTOP, traced got it under its parent's ptrace.
	stopped
	traced
	// ended stays as a zombie until its parent asks for it.
	ended
	// blocked waits in the kernel for a vfork child that sleeps: the one
	// uninterruptible sleep that can be had for as long as one likes.
	blocked
)

// task is a process to fork. It has one thread and no Go runtime: it makes a
// few system calls and then spends its life. That costs a tenth of a
// millisecond and of a megabyte, where a Go program costs fifty and ten.
type task struct {
	// name ends in a zero byte.
	name [16]byte
	// flags are those of clone(2) that make namespaces.
	flags uintptr
	// users and groups are the real, effective and saved ids.
	users, groups [3]uintptr
	// root and directory are for chroot and chdir, nil for the parent's.
	root, directory *byte
	nice            uintptr
	life            life
	// child is forked by this task.
	child *task
}

// fork starts tasks and returns their process ids when all of them, and their
// children, have become what they are to be. The tasks must not be changed any
// more.
func fork(tasks ...*task) ([]int, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	pids, err := forkAll(tasks, write.Fd())
	write.Close()
	if err != nil {
		return pids, err
	}
	return pids, awaitReady(read, tasks)
}

// forkAll clones with all signals blocked, so that no handler of the Go
// runtime ever runs in a child, which has only this thread of it.
func forkAll(tasks []*task, ready uintptr) ([]int, error) {
	restore, err := blockSignals()
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, t := range tasks {
		pid, errno := clone(t, ready)
		if errno != 0 {
			err = fmt.Errorf("fork %q: %w", t.name, errno)
			break
		}
		pids = append(pids, int(pid))
	}
	return pids, errors.Join(err, restore())
}

// blockSignals keeps the goroutine on its thread and all signals from it,
// until the returned function is called.
func blockSignals() (restore func() error, err error) {
	runtime.LockOSThread()
	var all, old unix.Sigset_t
	for i := range all.Val {
		all.Val[i] = ^uint64(0)
	}
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &all, &old); err != nil {
		runtime.UnlockOSThread()
		return nil, err
	}
	return func() error {
		defer runtime.UnlockOSThread()
		return unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil)
	}, nil
}

// awaitReady reads the byte that each task writes: an error number or zero.
func awaitReady(read *os.File, tasks []*task) error {
	want := 0
	for _, t := range tasks {
		for ; t != nil; t = t.child {
			want++
		}
	}
	bytes := make([]byte, want)
	for got := 0; got < want; {
		n, err := read.Read(bytes[got:])
		if err != nil {
			return fmt.Errorf("%d of %d tasks are ready: %w", got, want, err)
		}
		got += n
	}
	for i, b := range bytes {
		if b != 0 {
			return fmt.Errorf("task %d of %d: %w", i, want, syscall.Errno(b))
		}
	}
	return nil
}

// clone is fork(2) with the task's flags. The child does not return.
//
// From here on nothing may grow the stack or be preempted, which in the child
// would enter a runtime that is not there: hence nosplit, and raw system calls
// only.
//
//go:nosplit
//go:norace
func clone(t *task, ready uintptr) (uintptr, syscall.Errno) {
	pid, _, errno := syscall.RawSyscall6(unix.SYS_CLONE, t.flags|uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if errno == 0 && pid == 0 {
		live(t, ready)
	}
	return pid, errno
}

// live is all that a child does. A child's own child goes through the loop
// once more instead of calling deeper.
//
//go:nosplit
//go:norace
func live(t *task, ready uintptr) {
	for {
		errno := become(t)
		if errno == 0 && t.child != nil {
			var pid uintptr
			pid, _, errno = syscall.RawSyscall6(unix.SYS_CLONE, t.child.flags|uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
			if errno == 0 && pid == 0 {
				t = t.child
				continue
			}
		}
		result := byte(errno)
		syscall.RawSyscall(unix.SYS_WRITE, ready, uintptr(unsafe.Pointer(&result)), 1)
		syscall.RawSyscall(unix.SYS_CLOSE_RANGE, 0, uintptr(^uint32(0)), 0)
		spend(t.life)
	}
}

// become sets what the task is to be. Credentials go last: they take away the
// right to do the rest.
//
//go:nosplit
//go:norace
func become(t *task) syscall.Errno {
	_, _, errno := syscall.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_NAME, uintptr(unsafe.Pointer(&t.name)), 0)
	if errno == 0 && t.root != nil {
		_, _, errno = syscall.RawSyscall(unix.SYS_CHROOT, uintptr(unsafe.Pointer(t.root)), 0, 0)
	}
	if errno == 0 && t.directory != nil {
		_, _, errno = syscall.RawSyscall(unix.SYS_CHDIR, uintptr(unsafe.Pointer(t.directory)), 0, 0)
	}
	if errno == 0 {
		_, _, errno = syscall.RawSyscall(unix.SYS_SETPRIORITY, unix.PRIO_PROCESS, 0, t.nice)
	}
	if errno == 0 {
		_, _, errno = syscall.RawSyscall(unix.SYS_SETRESGID, t.groups[0], t.groups[1], t.groups[2])
	}
	if errno == 0 {
		_, _, errno = syscall.RawSyscall(unix.SYS_SETRESUID, t.users[0], t.users[1], t.users[2])
	}
	if errno == 0 && t.life == traced {
		_, _, errno = syscall.RawSyscall(unix.SYS_PTRACE, unix.PTRACE_TRACEME, 0, 0)
	}
	return errno
}

// spend does not return.
//
//go:nosplit
//go:norace
func spend(l life) {
	switch l {
	case running:
		for {
			syscall.RawSyscall(unix.SYS_GETPID, 0, 0, 0)
		}
	case stopped, traced:
		pid, _, _ := syscall.RawSyscall(unix.SYS_GETPID, 0, 0, 0)
		syscall.RawSyscall(unix.SYS_KILL, pid, uintptr(unix.SIGSTOP), 0)
	case ended:
		syscall.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
	case blocked:
		// The child gets a copy of the memory, so that both can
		// return from the same system call.
		syscall.RawSyscall6(unix.SYS_CLONE, unix.CLONE_VFORK|uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	}
	for {
		syscall.RawSyscall(unix.SYS_PAUSE, 0, 0, 0)
	}
}

// named returns a sleeping task with a name, cut to the 15 bytes that the
// kernel keeps.
func named(name string) *task {
	t := &task{life: sleeping}
	copy(t.name[:15], name)
	return t
}
