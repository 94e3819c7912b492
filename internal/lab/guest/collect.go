package guest

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strconv"

	"github.com/barescope/barescope/internal/lab/truth"
	"golang.org/x/sys/unix"
)

// collector reads what the kernel says about itself.
type collector struct {
	files *reader
	self  int
}

func newCollector() *collector { return &collector{files: newReader(), self: os.Getpid()} }

// collect reads everything once.
func (c *collector) collect() (*truth.Raw, error) {
	raw := &truth.Raw{Collector: c.self}
	if err := c.collectSystem(raw); err != nil {
		return nil, err
	}
	processes, err := numbers("/proc")
	if err != nil {
		return nil, err
	}
	seen := map[uint64]bool{}
	for _, pid := range processes {
		dir := "/proc/" + strconv.Itoa(pid)
		if err := c.collectNamespace(raw, seen, dir, pid); err != nil {
			return nil, err
		}
		if err := c.collectProcess(raw, dir, pid); err != nil {
			return nil, err
		}
	}
	return raw, nil
}

// collectProcess reads a process and its threads. One that ends meanwhile is
// left out as far as it could not be read.
func (c *collector) collectProcess(raw *truth.Raw, dir string, pid int) error {
	if err := c.collectTask(raw, dir, pid, pid); err != nil {
		return ignoreGone(err)
	}
	if bytes.Contains(raw.Tasks[len(raw.Tasks)-1].Status, []byte("\nThreads:\t1\n")) {
		return nil
	}
	threads, err := numbers(dir + "/task")
	if err != nil {
		return ignoreGone(err)
	}
	for _, tid := range threads {
		if tid == pid {
			continue
		}
		if err := c.collectTask(raw, dir+"/task/"+strconv.Itoa(tid), pid, tid); ignoreGone(err) != nil {
			return err
		}
	}
	return nil
}

func (c *collector) collectTask(raw *truth.Raw, dir string, tgid, tid int) error {
	t := truth.RawTask{TGID: tgid, TID: tid}
	var err error
	if t.Stat, err = c.files.copy(dir + "/stat"); err != nil {
		return err
	}
	if t.Comm, err = c.files.copy(dir + "/comm"); err != nil {
		return err
	}
	status, err := c.files.read(dir + "/status")
	if err != nil {
		return err
	}
	t.Status = stableLines(status)
	raw.Tasks = append(raw.Tasks, t)
	return nil
}

// stableLines copies the lines that truth.StatusKeys names.
func stableLines(status []byte) []byte {
	var kept []byte
	for line := range bytes.Lines(status) {
		key, _, _ := bytes.Cut(line, []byte(":"))
		if truth.StatusKeys[string(key)] {
			kept = append(kept, line...)
		}
	}
	return kept
}

// collectNamespace reads the mounts of the process's namespace unless they
// were read for another one. A zombie has none.
func (c *collector) collectNamespace(raw *truth.Raw, seen map[uint64]bool, dir string, pid int) error {
	var stat unix.Stat_t
	if err := unix.Stat(dir+"/ns/mnt", &stat); err != nil {
		return ignoreGone(err)
	}
	if seen[stat.Ino] {
		return nil
	}
	mounts, err := c.files.copy(dir + "/mountinfo")
	if err != nil {
		return ignoreGone(err)
	}
	seen[stat.Ino] = true
	raw.Namespaces = append(raw.Namespaces, truth.RawNamespace{Inode: stat.Ino, PID: pid, MountInfo: mounts})
	return nil
}

func (c *collector) collectSystem(raw *truth.Raw) error {
	var err error
	if raw.Modules, err = c.files.copy("/proc/modules"); err != nil {
		return err
	}
	if raw.IOMem, err = c.files.copy("/proc/iomem"); err != nil {
		return err
	}
	stat, err := c.files.read("/proc/stat")
	if err != nil {
		return err
	}
	for line := range bytes.Lines(stat) {
		if bytes.HasPrefix(line, []byte("btime ")) {
			raw.Stat = bytes.Clone(line)
		}
	}
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return err
	}
	raw.Release, raw.Version = unix.ByteSliceToString(name.Release[:]), unix.ByteSliceToString(name.Version[:])
	raw.Machine, raw.Hostname = unix.ByteSliceToString(name.Machine[:]), unix.ByteSliceToString(name.Nodename[:])
	return nil
}

// ignoreGone drops the errors of a process that has ended, or that is a
// zombie, which has neither memory nor namespaces.
func ignoreGone(err error) error {
	for _, gone := range []error{unix.ENOENT, unix.ESRCH, unix.EINVAL, unix.EACCES} {
		if errors.Is(err, gone) {
			return nil
		}
	}
	return err
}

// numbers returns the entries of a directory that are numbers, in order.
func numbers(dir string) ([]int, error) {
	file, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	names, err := file.Readdirnames(-1)
	var found []int
	for _, name := range names {
		if n, err := strconv.Atoi(name); err == nil {
			found = append(found, n)
		}
	}
	slices.Sort(found)
	return found, err
}

// same reports whether two readings agree in all that does not count time,
// leaving out the collector itself.
func same(a, b *truth.Raw) bool {
	isOwn := func(t truth.RawTask) bool { return t.TGID == a.Collector }
	tasksA := slices.DeleteFunc(slices.Clone(a.Tasks), isOwn)
	tasksB := slices.DeleteFunc(slices.Clone(b.Tasks), isOwn)
	return slices.EqualFunc(tasksA, tasksB, sameTask) &&
		slices.EqualFunc(a.Namespaces, b.Namespaces, sameNamespace) &&
		bytes.Equal(a.Modules, b.Modules)
}

func sameTask(a, b truth.RawTask) bool {
	return a.TGID == b.TGID && a.TID == b.TID && bytes.Equal(a.Comm, b.Comm) && bytes.Equal(a.Status, b.Status)
}

func sameNamespace(a, b truth.RawNamespace) bool {
	return a.Inode == b.Inode && a.PID == b.PID && bytes.Equal(a.MountInfo, b.MountInfo)
}
