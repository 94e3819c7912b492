package truth

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Task is one thread, as its files below /proc describe it.
type Task struct {
	TGID, TID int
	// Name is what /proc/PID/comm shows, byte for byte: task->comm, or the
	// full name of a kernel thread.
	Name string
	Stat Stat
	// PID namespaces that the thread is in, from the reader's inwards, each
	// with the id it has there.
	NSpid []int
	// Users and Groups are the real, effective, saved and file system ids.
	Users, Groups [4]uint32
	// TracerPID is the process that traces it, or zero.
	TracerPID int
}

// KernelThread reports whether the task is a kernel thread.
func (t *Task) KernelThread() bool { return t.Stat.Flags&flagKernelThread != 0 }

// flagKernelThread is PF_KTHREAD of include/linux/sched.h.
const flagKernelThread = 0x0020_0000

// StartTime returns when the task was started.
func (t *Task) StartTime(boot time.Time) time.Time {
	return boot.Add(time.Duration(t.Stat.StartTime) * (time.Second / ticksPerSecond))
}

// ticksPerSecond is USER_HZ, the unit of times below /proc on x86.
const ticksPerSecond = 100

// Stat is /proc/PID/stat.
type Stat struct {
	PID int
	// Comm is what stands between the parentheses, byte for byte.
	Comm string
	// State is the letter that ps shows.
	State byte
	PPID  int
	Flags uint64
	Nice  int
	// Threads is the number of threads of the process.
	Threads int
	// StartTime in clock ticks after the system was started.
	StartTime uint64
	// Fields holds all fields from the third on, the state.
	Fields []string
}

// Positions in Stat.Fields. Source: proc_pid_stat(5), less three.
const (
	fieldState     = 0
	fieldPPID      = 1
	fieldFlags     = 6
	fieldNice      = 16
	fieldThreads   = 17
	fieldStartTime = 19
	minFields      = 42
)

// ParseStat parses /proc/PID/stat. The name in it can hold anything, the end of
// a name and a state included, so it ends at the last parenthesis: what follows
// are numbers. Errors wrap [ErrFormat].
func ParseStat(data []byte) (Stat, error) {
	open, end := bytes.IndexByte(data, '('), bytes.LastIndexByte(data, ')')
	if open < 1 || end < open {
		return Stat{}, fmt.Errorf("%w: stat %q", ErrFormat, data)
	}
	s := Stat{Comm: string(data[open+1 : end]), Fields: strings.Fields(string(data[end+1:]))}
	if len(s.Fields) < minFields || len(s.Fields[fieldState]) != 1 {
		return Stat{}, fmt.Errorf("%w: stat %q", ErrFormat, data)
	}
	s.State = s.Fields[fieldState][0]
	n := numberParser{}
	s.PID = n.signed(strings.TrimSpace(string(data[:open])))
	s.PPID = n.signed(s.Fields[fieldPPID])
	s.Flags = n.unsigned(s.Fields[fieldFlags])
	s.Nice = n.signed(s.Fields[fieldNice])
	s.Threads = n.signed(s.Fields[fieldThreads])
	s.StartTime = n.unsigned(s.Fields[fieldStartTime])
	if n.err != nil {
		return Stat{}, fmt.Errorf("%w: stat %q: %w", ErrFormat, data, n.err)
	}
	return s, nil
}

func parseTask(raw *RawTask) (Task, error) {
	t := Task{TGID: raw.TGID, TID: raw.TID, Name: strings.TrimSuffix(string(raw.Comm), "\n")}
	var err error
	if t.Stat, err = ParseStat(raw.Stat); err != nil {
		return Task{}, err
	}
	return t, t.parseStatus(raw.Status)
}

// parseStatus takes from /proc/PID/status what stat does not have. The name in
// it is escaped, so every line is one.
func (t *Task) parseStatus(data []byte) error {
	n := numberParser{}
	for line := range strings.Lines(string(data)) {
		key, value, _ := strings.Cut(line, ":")
		switch fields := strings.Fields(value); key {
		case "Uid":
			t.Users = n.four(fields)
		case "Gid":
			t.Groups = n.four(fields)
		case "TracerPid":
			t.TracerPID = n.signed(strings.TrimSpace(value))
		case "NSpid":
			for _, field := range fields {
				t.NSpid = append(t.NSpid, n.signed(field))
			}
		}
	}
	if n.err != nil {
		return fmt.Errorf("%w: status %q: %w", ErrFormat, data, n.err)
	}
	return nil
}

// numberParser parses decimal numbers and keeps the first error.
type numberParser struct{ err error }

func (n *numberParser) signed(text string) int {
	value, err := strconv.Atoi(text)
	n.note(err)
	return value
}

func (n *numberParser) unsigned(text string) uint64 {
	value, err := strconv.ParseUint(text, 10, 64)
	n.note(err)
	return value
}

func (n *numberParser) four(fields []string) (ids [4]uint32) {
	if len(fields) != len(ids) {
		n.note(fmt.Errorf("%d ids", len(fields)))
		return ids
	}
	for i, field := range fields {
		value, err := strconv.ParseUint(field, 10, 32)
		n.note(err)
		ids[i] = uint32(value)
	}
	return ids
}

func (n *numberParser) note(err error) {
	if n.err == nil {
		n.err = err
	}
}
