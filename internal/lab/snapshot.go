package lab

import (
	"bytes"
	"context"
	"encoding/gob"
	"fmt"

	"github.com/barescope/barescope/internal/lab/truth"
	"github.com/barescope/barescope/internal/lab/wire"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/image"
)

// After is what happens to the guest when it has looked at itself.
type After uint8

const (
	// Continue lets the guest run on.
	Continue After = iota
	// Freeze pauses the guest at once: it stands still as the snapshot
	// shows it, but for the process that made the snapshot, until Resume.
	Freeze
	// Crash makes the kernel panic at once.
	Crash
)

// Snapshot returns what the guest says about itself. It looks as often as it
// takes for two looks in a row to see the same, clocks aside. Errors wrap
// [ErrGuest], [qemu.ErrEnded], [wire.ErrNoSnapshot] or the context's.
func (g *Guest) Snapshot(ctx context.Context, after After) (*truth.Snapshot, error) {
	g.snapshots.Lock()
	defer g.snapshots.Unlock()
	prepared, err := g.ask(ctx, wire.Request{Operation: wire.Prepare})
	if err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	if err := g.collect(ctx, after); err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	raw, err := g.fetch(ctx, prepared.Pages)
	if err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	return truth.Parse(raw)
}

// collect has the guest fill its buffer and does to it what is to be done.
func (g *Guest) collect(ctx context.Context, after After) error {
	answer, err := g.line.send(wire.Request{Operation: wire.Collect, ThenPanic: after == Crash})
	if err != nil {
		return err
	}
	if after == Crash {
		return g.awaitCrash(ctx, answer)
	}
	if _, err := g.await(ctx, answer); err != nil {
		return err
	}
	if after == Freeze {
		return g.Pause(ctx)
	}
	return nil
}

// awaitCrash waits for the panic. An answer comes only when there is none.
func (g *Guest) awaitCrash(ctx context.Context, answer <-chan wire.Reply) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		if _, err := g.await(ctx, answer); err != nil {
			cancel(err)
		}
	}()
	if err := g.awaitPanic(ctx); err != nil {
		return context.Cause(ctx)
	}
	return nil
}

// fetch reads the guest's buffer out of its RAM.
func (g *Guest) fetch(ctx context.Context, pages []wire.PageRun) (*truth.Raw, error) {
	ram, err := g.openRAM()
	if err != nil {
		return nil, err
	}
	defer ram.Close()
	reads := make([]transport.Read, len(pages))
	for i, run := range pages {
		reads[i].Address = transport.Address(run.Frame * transport.PageSize)
		reads[i].Data = make([]byte, run.Count*transport.PageSize)
	}
	if err := ram.ReadPhysical(ctx, reads); err != nil {
		return nil, err
	}
	var buffer []byte
	for i := range reads {
		if reads[i].Outcome != transport.Success {
			return nil, fmt.Errorf("%w: %s: %s", wire.ErrNoSnapshot, reads[i].Range(), reads[i].Outcome)
		}
		buffer = append(buffer, reads[i].Data...)
	}
	encoded, err := wire.Snapshot(buffer)
	if err != nil {
		return nil, err
	}
	raw := new(truth.Raw)
	return raw, gob.NewDecoder(bytes.NewReader(encoded)).Decode(raw)
}

// openRAM opens the guest's RAM as an image.
func (g *Guest) openRAM() (*image.Image, error) {
	return image.Open(g.RAMFile(), image.Options{Format: image.Raw, Pieces: g.Pieces()})
}
