package truth

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ErrFormat means that a file of the guest is not as it should be.
var ErrFormat = errors.New("unexpected format")

// Snapshot is what a guest says about itself.
type Snapshot struct {
	// Collector is the process that looked. Its rows cannot be compared.
	Collector int
	Tasks     []Task
	Modules   []Module
	// Namespaces are the mount namespaces that a process is in.
	Namespaces []Namespace
	Resources  []Resource
	BootTime   time.Time
	// Release, Version and Machine are those of uname(2).
	Release, Version, Machine, Hostname string
}

// Parse parses what the guest collected. Errors wrap [ErrFormat].
func Parse(raw *Raw) (*Snapshot, error) {
	s := &Snapshot{
		Collector: raw.Collector,
		Release:   raw.Release, Version: raw.Version, Machine: raw.Machine, Hostname: raw.Hostname,
	}
	for i := range raw.Tasks {
		task, err := parseTask(&raw.Tasks[i])
		if err != nil {
			return nil, fmt.Errorf("task %d: %w", raw.Tasks[i].TID, err)
		}
		s.Tasks = append(s.Tasks, task)
	}
	for _, n := range raw.Namespaces {
		mounts, err := ParseMountInfo(n.MountInfo)
		if err != nil {
			return nil, fmt.Errorf("mounts of process %d: %w", n.PID, err)
		}
		s.Namespaces = append(s.Namespaces, Namespace{Inode: n.Inode, PID: n.PID, Mounts: mounts})
	}
	return s, s.parseSystem(raw)
}

func (s *Snapshot) parseSystem(raw *Raw) error {
	var err error
	if s.Modules, err = ParseModules(raw.Modules); err != nil {
		return err
	}
	if s.Resources, err = ParseIOMem(raw.IOMem); err != nil {
		return err
	}
	text, found := strings.CutPrefix(string(bytes.TrimSpace(raw.Stat)), "btime ")
	seconds, err := strconv.ParseInt(text, 10, 64)
	if !found || err != nil {
		return fmt.Errorf("%w: boot time %q", ErrFormat, raw.Stat)
	}
	s.BootTime = time.Unix(seconds, 0).UTC()
	return nil
}

// Processes returns the tasks that lead a process.
func (s *Snapshot) Processes() []Task {
	var leaders []Task
	for _, t := range s.Tasks {
		if t.TID == t.TGID {
			leaders = append(leaders, t)
		}
	}
	return leaders
}
