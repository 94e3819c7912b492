package guest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/barescope/barescope/internal/lab/wire"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// linePath is the second serial port, whose driver is part of every kernel.
const linePath = "/dev/ttyS1"

// maxOutput bounds what a command may print, in bytes.
const maxOutput = 4 << 20

// agent answers the host.
type agent struct {
	out    *wire.Writer
	buffer *buffer
}

// runAgent answers requests until the line closes. Its argument is what is
// wrong with the guest, or empty.
func runAgent(args []string) error {
	line, err := openLine()
	if err != nil {
		return err
	}
	if err := renameSelf("lab-agent"); err != nil {
		return err
	}
	a := &agent{out: wire.NewWriter(line)}
	if err := a.out.Write(wire.Reply{Error: strings.Join(args, " ")}); err != nil {
		return err
	}
	in := wire.NewReader(line)
	for {
		var request wire.Request
		if err := in.Read(&request); err != nil {
			return err
		}
		go a.answer(request)
	}
}

// openLine opens the serial port for bytes of any value.
func openLine() (*os.File, error) {
	line, err := os.OpenFile(linePath, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	if _, err := term.MakeRaw(int(line.Fd())); err != nil {
		return nil, fmt.Errorf("%s: %w", linePath, err)
	}
	return line, nil
}

func (a *agent) answer(request wire.Request) {
	reply, err := a.carryOut(request)
	if err != nil {
		reply.Error = err.Error()
	}
	reply.ID = request.ID
	if err := a.out.Write(reply); err != nil {
		fmt.Fprintln(os.Stderr, "lab-guest agent:", err)
	}
}

func (a *agent) carryOut(request wire.Request) (wire.Reply, error) {
	switch request.Operation {
	case wire.Run:
		return runCommand(request.Command)
	case wire.Spawn:
		return wire.Reply{}, spawn(request.Count)
	case wire.Prepare:
		return a.prepare()
	case wire.Collect:
		return a.collect(request.ThenPanic)
	case wire.Panic:
		return wire.Reply{}, panicKernel()
	}
	return wire.Reply{}, fmt.Errorf("unknown operation %q", request.Operation)
}

// runCommand runs a command with the shell. That it fails is no error.
func runCommand(command string) (wire.Reply, error) {
	cmd := exec.Command("/bin/sh", "-c", command)
	output, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return wire.Reply{}, err
	}
	if len(output) > maxOutput {
		return wire.Reply{}, fmt.Errorf("the command printed %d bytes, over %d", len(output), maxOutput)
	}
	return wire.Reply{Output: output, Status: cmd.ProcessState.ExitCode()}, nil
}

// panicKernel does not return if all goes well.
func panicKernel() error {
	return os.WriteFile("/proc/sysrq-trigger", []byte("c"), 0)
}
