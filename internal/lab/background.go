package lab

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/barescope/barescope/transport/adapter"
	"golang.org/x/sys/unix"
)

// readyVariable holds the number of the descriptor on which [Hold] reports to
// [Start] how it went.
const readyVariable = "BARESCOPE_LAB_READY"

// report is what it says there.
type report struct {
	State *State
	Error string
}

// Start starts this program once more, detached from the terminal, and waits
// until it holds a guest: the arguments must make it call [Hold] with the same
// name. When ctx ends before that, the new process is ended too.
func Start(ctx context.Context, name string, arguments ...string) (*State, error) {
	name = cmp.Or(name, DefaultName)
	if err := checkName(name); err != nil {
		return nil, err
	}
	r, err := openRegistry()
	if err != nil {
		return nil, err
	}
	if _, err := r.read(name); !errors.Is(err, ErrNotRunning) {
		return nil, cmp.Or(err, fmt.Errorf("%w: %s", ErrRunning, name))
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	process, err := startDetached(r.path(name, ".log"), write, arguments)
	write.Close()
	if err != nil {
		return nil, err
	}
	return awaitReport(ctx, process, read)
}

// startDetached starts this program in a session of its own, so that neither
// an interrupt at the terminal nor its end reaches it.
func startDetached(logFile string, ready *os.File, arguments []string) (*os.Process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(self, arguments...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{ready}
	cmd.Env = append(os.Environ(), readyVariable+"=3")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return cmd.Process, nil
}

// awaitReport reads what the new process reports. One that ends without a
// report leaves nothing to read.
func awaitReport(ctx context.Context, process *os.Process, read *os.File) (*State, error) {
	// Closing the pipe ends the reading; the process gets the signal that
	// it takes as a request to end.
	stop := context.AfterFunc(ctx, func() {
		_ = process.Signal(unix.SIGTERM)
		read.Close()
	})
	defer stop()
	data, readErr := io.ReadAll(read)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var r report
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("%w: its keeper said nothing: %w", ErrBoot, errors.Join(readErr, err))
	}
	if r.Error != "" {
		return nil, errors.New(r.Error)
	}
	return r.State, process.Release()
}

// Hold starts a guest with an adapter in front of it, registers it under a
// name, and holds it until ctx ends, the guest ends or it is asked to end it.
// The error wraps [ErrRunning], [ErrBadName], or is one of [Up] or
// [Guest.Serve].
func Hold(ctx context.Context, name string, o Options, a adapter.Options) error {
	ready := readyPipe()
	err := hold(ctx, cmp.Or(name, DefaultName), o, a, ready)
	if err != nil {
		ready.send(report{Error: err.Error()})
	}
	return err
}

func hold(ctx context.Context, name string, o Options, a adapter.Options, ready *reporter) error {
	if err := checkName(name); err != nil {
		return err
	}
	r, err := openRegistry()
	if err != nil {
		return err
	}
	lock, err := r.take(name)
	if err != nil {
		return err
	}
	defer lock.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, err := Up(ctx, o)
	if err != nil {
		return err
	}
	defer g.Close()
	service, err := g.Serve(ctx, a)
	if err != nil {
		return err
	}
	err = r.keep(ctx, &keeper{guest: g, down: cancel}, newState(name, g, o, a), ready)
	return errors.Join(err, service.Close(), g.Close(), r.remove(name))
}

// keep answers control requests until the guest is to end, or has.
func (r registry) keep(ctx context.Context, k *keeper, s *State, ready *reporter) error {
	if err := r.remove(s.Name); err != nil {
		return err
	}
	listener, err := net.Listen("unix", r.path(s.Name, ".socket"))
	if err != nil {
		return err
	}
	defer listener.Close()
	go k.serve(ctx, listener)
	if err := r.write(s); err != nil {
		return err
	}
	ready.send(report{State: s})
	select {
	case <-ctx.Done():
	case <-k.guest.Done():
	}
	return nil
}

func newState(name string, g *Guest, o Options, a adapter.Options) *State {
	// The same defaults as the adapter's own.
	listen, client := a.Listen, a.Client
	if !listen.IsValid() {
		listen = netip.AddrFrom4([4]byte{127, 0, 0, 2})
	}
	if !client.IsValid() {
		client = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return &State{
		Name: name, PID: os.Getpid(), Kernel: g.Kernel().Name, Started: time.Now().UTC().Truncate(time.Second),
		Memory: cmp.Or(o.Memory, defaultMemory), CPUs: cmp.Or(o.CPUs, defaultCPUs), LA57: o.LA57,
		RAMFile: g.RAMFile(), LogFile: g.LogFile(), Pieces: g.Pieces(), Listen: listen, Client: client,
	}
}

// reporter writes one report, if anybody waits for it.
type reporter struct{ pipe *os.File }

func readyPipe() *reporter {
	descriptor, err := strconv.Atoi(os.Getenv(readyVariable))
	if err != nil || descriptor < 3 {
		return &reporter{}
	}
	// What this process starts must not hold the pipe open.
	unix.CloseOnExec(descriptor)
	return &reporter{pipe: os.NewFile(uintptr(descriptor), "ready")}
}

func (r *reporter) send(report report) {
	if r.pipe == nil {
		return
	}
	// Who does not listen any more needs no report.
	_ = json.NewEncoder(r.pipe).Encode(report)
	r.pipe.Close()
	r.pipe = nil
}
