package qemu

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
)

// process is the emulator's process.
type process struct {
	pid  int
	cmd  *exec.Cmd
	done chan struct{}
}

// startProcess starts a program that is killed when this process ends. The
// kernel does that when the *thread* which started the program ends, so one
// thread is kept for as long as the program runs.
// Source: prctl(2), PR_SET_PDEATHSIG.
//
// The program gets a process group of its own: an interrupt typed at the
// terminal is for this process, which then ends the machine in good order.
func startProcess(program string, arguments []string, files []*os.File, log *os.File) (*process, error) {
	cmd := exec.Command(program, arguments...)
	cmd.ExtraFiles = files
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			// How it ended is in the log.
			_ = cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	p.pid = cmd.Process.Pid
	return p, nil
}

// kill ends the process and waits until it has.
func (p *process) kill() {
	// It fails when the process has ended already.
	_ = p.cmd.Process.Kill()
	<-p.done
}

func tail(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(text, "\r", "")), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
