package guest

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Names of tasks that /proc, a table and a terminal can each get wrong. The
// kernel keeps 15 bytes, of any value but zero.
var oddNames = []string{
	"user",
	"two words",
	"  spaces  ",
	"(parentheses)",
	"a) R 1 (b",
	") R 1 (",
	"\x1b[31mred\x1b[0m",
	"new\nline",
	"tab\there\r",
	"\xff\xfe\x80bad utf-8",
	"exactly15bytes!",
	`back\slash\n`,
	"ünïcödé ✓",
	"日本語の名前",
	"quote\"'`$(id)",
	"kworker/9:9-odd",
	"[kthread]",
	"",
}

// Users and groups of tasks, each the real, effective and saved id.
var (
	ordinary = [3]uintptr{1000, 1000, 1000}
	nobody   = [3]uintptr{65534, 65534, 65534}
	setuid   = [3]uintptr{1000, 0, 0}
	saved    = [3]uintptr{1001, 1002, 1003}
	large    = [3]uintptr{4294967294, 3000000000, 70000}
)

// runningName is the task that is always running.
const runningName = "running"

// makeTasks forks processes of all states, names and owners.
func makeTasks() error {
	var tasks []*task
	for _, name := range oddNames {
		tasks = append(tasks, named(name))
	}
	tasks = append(tasks, ownedTasks()...)
	tasks = append(tasks, stateTasks()...)
	tasks = append(tasks, pidNamespaces())
	pids, err := fork(tasks...)
	if err != nil {
		return fmt.Errorf("tasks: %w", err)
	}
	for i, t := range tasks {
		if err := awaitState(pids[i], t.life); err != nil {
			return fmt.Errorf("task %q: %w", t.name, err)
		}
	}
	return nil
}

func ownedTasks() []*task {
	owned := func(name string, users, groups [3]uintptr) *task {
		t := named(name)
		t.users, t.groups = users, groups
		return t
	}
	return []*task{
		owned("uid 1000", ordinary, ordinary),
		owned("nobody", nobody, nobody),
		owned("setuid", setuid, ordinary),
		owned("saved ids", saved, saved),
		owned("large ids", large, large),
	}
}

func stateTasks() []*task {
	in := func(name string, l life, nice uintptr) *task {
		t := named(name)
		t.life, t.nice = l, nice
		return t
	}
	return []*task{
		in(runningName, running, 19),
		in("stopped", stopped, 0),
		in("traced", traced, 0),
		in("zombie", ended, 0),
		in(") Z 1 (zombie", ended, 0),
		in("blocked", blocked, 0),
	}
}

// pidNamespaces returns two nested pid namespaces, the outer one with two
// processes beside the inner one's two.
func pidNamespaces() *task {
	chain := []*task{named("outer init"), named("outer task"), named("inner init"), named("inner task")}
	chain[0].flags = unix.CLONE_NEWPID
	chain[2].flags = unix.CLONE_NEWPID
	chain[3].users, chain[3].groups = ordinary, ordinary
	for i, t := range chain[1:] {
		chain[i].child = t
	}
	return chain[0]
}

// awaitState waits until the kernel says that a child is in the state of its
// life, without taking notice of it, so that a zombie stays one.
func awaitState(pid int, l life) error {
	var event int
	switch l {
	case stopped, traced:
		event = unix.WSTOPPED
	case ended:
		event = unix.WEXITED
	default:
		return nil
	}
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, event|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			return err
		}
	}
}

// throttleRunning lets the running task have a hundredth of one processor, so
// that it does not keep the host busy. A throttled task stays in the run queue
// and its state stays R.
func throttleRunning() error {
	pid, err := findTask(runningName)
	if err != nil {
		return err
	}
	const group = "/sys/fs/cgroup/throttled"
	if err := os.Mkdir(group, 0o755); err != nil {
		return err
	}
	return writeFiles([]fileContent{
		{"/sys/fs/cgroup/cgroup.subtree_control", "+cpu"},
		{group + "/cpu.max", "1000 100000"},
		{group + "/cgroup.procs", strconv.Itoa(pid)},
	})
}

// findTask returns the process with a name.
func findTask(name string) (int, error) {
	pids, err := numbers("/proc")
	if err != nil {
		return 0, err
	}
	for _, pid := range pids {
		comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
		if err == nil && string(comm) == name+"\n" {
			return pid, nil
		}
	}
	return 0, fmt.Errorf("no task %q", name)
}
