package lab

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/barescope/barescope/internal/lab/packages"
	"github.com/barescope/barescope/internal/lab/qemu"
	"github.com/barescope/barescope/internal/lab/wire"
	"github.com/barescope/barescope/transport/image"
	"github.com/rs/zerolog"
)

// panicText is the last thing that a kernel says when it panics.
// Source: panic() in kernel/panic.c.
const panicText = "---[ end Kernel panic"

// Guest is a running guest. Its methods may be called by several goroutines at
// once.
type Guest struct {
	machine *qemu.Machine
	line    *line
	kernel  *packages.Kernel
	log     zerolog.Logger
	// detach unties the guest from the context it was started under.
	detach func() bool
	// snapshots serialises snapshots: the guest has one buffer for them.
	snapshots sync.Mutex
}

// Run carries out a command with the guest's shell, as root, and returns what
// it printed, byte for byte. A command that fails is an error, with its output
// returned all the same.
func (g *Guest) Run(ctx context.Context, command string) (string, error) {
	reply, err := g.ask(ctx, wire.Request{Operation: wire.Run, Command: command})
	if err != nil {
		return "", fmt.Errorf("run %q: %w", command, err)
	}
	if reply.Status != 0 {
		return string(reply.Output), fmt.Errorf("%w: %q ended with status %d", ErrGuest, command, reply.Status)
	}
	return string(reply.Output), nil
}

// Spawn starts so many more processes, all asleep, and returns when they are
// there. Each takes about 100 KiB of the guest's memory.
func (g *Guest) Spawn(ctx context.Context, count int) error {
	if _, err := g.ask(ctx, wire.Request{Operation: wire.Spawn, Count: count}); err != nil {
		return fmt.Errorf("spawn %d: %w", count, err)
	}
	return nil
}

// Panic makes the guest's kernel panic and returns when it has said so. After
// that the guest answers nothing any more; its RAM stays as it is.
func (g *Guest) Panic(ctx context.Context) error {
	if _, err := g.line.send(wire.Request{Operation: wire.Panic}); err != nil {
		return err
	}
	return g.awaitPanic(ctx)
}

func (g *Guest) awaitPanic(ctx context.Context) error {
	if err := g.machine.Console.Wait(ctx, panicText); err != nil {
		return fmt.Errorf("panic: %w", err)
	}
	return nil
}

// Pause stops the guest's processors. When it returns, RAM does not change any
// more.
func (g *Guest) Pause(ctx context.Context) error { return g.machine.Pause(ctx) }

// Resume lets a paused guest go on.
func (g *Guest) Resume(ctx context.Context) error { return g.machine.Resume(ctx) }

// RAMFile returns the path of the file that is the guest's RAM. The file goes
// when the guest does.
func (g *Guest) RAMFile() string { return g.machine.RAMFile() }

// Pieces returns where the parts of the RAM file lie in physical memory.
func (g *Guest) Pieces() []image.Piece { return g.machine.Pieces() }

// LogFile returns the path of the guest's console log.
func (g *Guest) LogFile() string { return g.machine.LogFile() }

// Kernel returns what the guest runs.
func (g *Guest) Kernel() *packages.Kernel { return g.kernel }

// Done is closed when the guest has ended.
func (g *Guest) Done() <-chan struct{} { return g.machine.Done() }

// Close ends the guest and removes its files. It may be called several times.
func (g *Guest) Close() error {
	if g.detach != nil {
		g.detach()
	}
	return g.machine.Close()
}

// ended says why a guest that is gone does not answer.
func (g *Guest) ended() error {
	return errors.Join(qemu.ErrEnded, fmt.Errorf("last words:\n%s", g.machine.Console.Tail(10)))
}
