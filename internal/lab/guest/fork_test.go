package guest

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// asSelf gives a task the ids of the test, which may not be root's.
func asSelf(t *task) *task {
	for i := range t.users {
		t.users[i], t.groups[i] = uintptr(os.Getuid()), uintptr(os.Getgid())
	}
	return t
}

// bury ends a child and takes notice of it.
func bury(t *testing.T, pid int) {
	t.Helper()
	_ = unix.Kill(pid, unix.SIGKILL)
	if _, err := unix.Wait4(pid, nil, 0, nil); err != nil {
		t.Error(err)
	}
}

func TestFork(t *testing.T) {
	names := []string{"user", ") R 1 (", "new\nline", "\xff\x1b[31m", "sixteen bytes ...", ""}
	var tasks []*task
	for _, name := range names {
		tasks = append(tasks, asSelf(named(name)))
	}
	pids, err := fork(tasks...)
	for _, pid := range pids {
		defer bury(t, pid)
	}
	if err != nil {
		t.Fatal(err)
	}
	for i, pid := range pids {
		comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
		if want := names[i][:min(15, len(names[i]))] + "\n"; err != nil || string(comm) != want {
			t.Errorf("%q, want %q, %v", comm, want, err)
		}
	}
}

func TestForkStates(t *testing.T) {
	for life, want := range map[life]byte{stopped: 'T', ended: 'Z'} {
		one := asSelf(named("state"))
		one.life = life
		pids, err := fork(one)
		if err != nil {
			t.Fatal(err)
		}
		if err := awaitState(pids[0], life); err != nil {
			t.Error(err)
		}
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pids[0]))
		if at := len(fmt.Sprintf("%d (state) ", pids[0])); err != nil || stat[at] != want {
			t.Errorf("%s, want %c, %v", stat, want, err)
		}
		bury(t, pids[0])
	}
}

func TestForkReportsFailure(t *testing.T) {
	one := asSelf(named("nowhere"))
	one.directory = &[]byte("/no/such/directory\x00")[0]
	outer := asSelf(named("outer"))
	outer.child = one
	pids, err := fork(outer)
	for _, pid := range pids {
		defer bury(t, pid)
	}
	if !errors.Is(err, syscall.ENOENT) {
		t.Error(err)
	}
}
