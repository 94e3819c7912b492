package adapter

import (
	"context"
	"errors"
	"time"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/tlp"
)

// ErrForeignTLP means that the client sent something other than a memory read
// or a read of the configuration space.
var ErrForeignTLP = errors.New("the client sent packets that are not reads")

// Adapter serves a Memory over NetTLP. Its methods may be called by several
// goroutines at once, Run by one of them and once.
type Adapter struct {
	card *card
	wire *wire
}

// New binds the ports of all tags and that of the configuration space. What
// arrives from then on waits for Run. It returns an error wrapping
// [ErrBadOptions], or one that names the address that could not be bound.
func New(memory transport.Memory, o Options) (*Adapter, error) {
	o = o.withDefaults()
	if err := o.validate(); err != nil {
		return nil, err
	}
	ports := make([]uint16, 0, o.Tags+1)
	for tag := range o.Tags {
		ports = append(ports, tlp.Port(uint8(tag)))
	}
	w, err := openWire(o.Listen, o.Client, append(ports, tlp.ConfigPort))
	if err != nil {
		return nil, err
	}
	w.segmented = !o.Singly
	start := time.Now()
	clock := func() time.Duration { return time.Since(start) }
	return &Adapter{card: newCard(memory, o, clock), wire: w}, nil
}

// Run serves until ctx ends, and closes the adapter. It returns nil then,
// unless something other than reads arrived, which is [ErrForeignTLP]. It
// returns early with an error if the memory fails as a whole.
func (a *Adapter) Run(ctx context.Context) error {
	defer a.wire.close()
	stop := context.AfterFunc(ctx, a.wire.wake)
	defer stop()
	for ctx.Err() == nil {
		if err := a.serve(ctx); err != nil && ctx.Err() == nil {
			return errors.Join(err, a.card.err())
		}
	}
	return a.card.err()
}

// serve is one round: it takes at most one datagram from each socket, carries
// out the reads that are due, and sends the completions.
func (a *Adapter) serve(ctx context.Context) error {
	events, err := a.wire.wait(a.card.waiting.pause(a.card.clock()))
	if err != nil {
		return err
	}
	a.card.out.reset()
	for _, event := range events {
		if event.Fd == wakeEvent {
			continue // Run looks at the context
		}
		if b, ok := a.wire.receive(int(event.Fd)); ok {
			a.card.receive(int(event.Fd), b)
		}
	}
	if err := a.card.answer(ctx); err != nil {
		return err
	}
	a.card.count.unsent.Add(uint64(a.wire.send(&a.card.out)))
	return nil
}

// Stats returns what was counted so far.
func (a *Adapter) Stats() Stats { return a.card.count.stats() }

// Close releases the ports of an adapter that was never run.
func (a *Adapter) Close() error {
	a.wire.close()
	return nil
}
