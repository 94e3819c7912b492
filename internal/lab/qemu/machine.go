package qemu

import (
	"context"
	"fmt"
	"net"
	"os"
	"sync"

	"github.com/barescope/barescope/transport/image"
)

// Machine is a running machine.
type Machine struct {
	// Console is the first serial port.
	Console *Console
	// Line is the second serial port.
	Line net.Conn

	space   *workspace
	pieces  []image.Piece
	monitor *monitor
	process *process
	log     *os.File

	closing sync.Once
	closed  error
}

// Start starts a machine. It runs until Close is called, the emulator ends,
// or this process ends. Errors wrap [ErrMissing], those of
// Options.Initramfs or of the os package.
func Start(ctx context.Context, o Options) (_ *Machine, err error) {
	program, err := Find(Program, "qemu-system-x86")
	if err != nil {
		return nil, err
	}
	space, err := newWorkspace(uint64(o.Memory) * mebibyte)
	if err != nil {
		return nil, fmt.Errorf("directory for the RAM file: %w", err)
	}
	m := &Machine{Console: newConsole(), space: space, pieces: layout(o.Memory)}
	defer func() {
		if err != nil {
			m.Close()
		}
	}()
	if m.log, err = os.Create(m.LogFile()); err != nil {
		return nil, err
	}
	initramfs := space.path("initramfs")
	if err := o.Initramfs(initramfs); err != nil {
		return nil, err
	}
	ports, err := newPorts()
	if err != nil {
		return nil, err
	}
	m.Line, m.monitor = ports.line.near, newMonitor(ports.monitor.near)
	go m.Console.follow(ports.console.near, m.log)
	m.process, err = startProcess(program, o.arguments(m.RAMFile(), initramfs), ports.files(), m.log)
	ports.closeFar()
	if err != nil {
		return nil, err
	}
	if err := m.monitor.execute(ctx, "qmp_capabilities"); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", Program, err, m.Log(10))
	}
	return m, nil
}

// RAMFile returns the path of the file that is the machine's RAM.
func (m *Machine) RAMFile() string { return m.space.path("ram") }

// LogFile returns the path of the file with what the console showed and what
// the emulator complained about.
func (m *Machine) LogFile() string { return m.space.path("log") }

// PID returns the emulator's process id.
func (m *Machine) PID() int { return m.process.pid }

// Pieces returns where the RAM file's parts lie in physical memory.
func (m *Machine) Pieces() []image.Piece { return m.pieces }

// Done is closed when the emulator has ended.
func (m *Machine) Done() <-chan struct{} { return m.process.done }

// Pause stops all processors. When it returns, RAM does not change any more.
func (m *Machine) Pause(ctx context.Context) error { return m.monitor.execute(ctx, "stop") }

// Resume lets the processors go on.
func (m *Machine) Resume(ctx context.Context) error { return m.monitor.execute(ctx, "cont") }

// Log returns the last n lines of the log.
func (m *Machine) Log(n int) string {
	data, err := os.ReadFile(m.LogFile())
	if err != nil {
		return err.Error()
	}
	return tail(string(data), n)
}

// Close ends the machine and removes its files. It may be called several
// times.
func (m *Machine) Close() error {
	m.closing.Do(func() {
		if m.process != nil {
			m.process.kill()
		}
		if m.monitor != nil {
			m.monitor.conn.Close()
			m.Line.Close()
		}
		if m.log != nil {
			m.log.Close()
		}
		m.closed = m.space.remove()
	})
	return m.closed
}
