package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/barescope/barescope/internal/lab/wire"
)

// ErrGuest means that the guest could not do what it was asked for.
var ErrGuest = errors.New("the guest says")

// line carries requests to the agent in the guest and its answers back.
type line struct {
	out *wire.Writer

	mu      sync.Mutex
	last    uint64
	waiting map[uint64]chan wire.Reply
	// hello receives what the guest says unasked.
	hello chan wire.Reply
	// gone is closed when the line ends.
	gone chan struct{}
}

func newLine(port io.ReadWriter) *line {
	l := &line{
		out:     wire.NewWriter(port),
		waiting: map[uint64]chan wire.Reply{},
		hello:   make(chan wire.Reply, 1),
		gone:    make(chan struct{}),
	}
	go l.receive(wire.NewReader(port))
	return l
}

func (l *line) receive(in *wire.Reader) {
	defer close(l.gone)
	for {
		var reply wire.Reply
		if err := in.Read(&reply); err != nil {
			return
		}
		if waiter := l.waiter(reply.ID); waiter != nil {
			waiter <- reply
		}
	}
}

// waiter returns who waits for a reply, and forgets about him. It returns nil
// when nobody waits any more.
func (l *line) waiter(id uint64) chan wire.Reply {
	l.mu.Lock()
	defer l.mu.Unlock()
	if id == 0 {
		if len(l.hello) == cap(l.hello) {
			return nil
		}
		return l.hello
	}
	waiter := l.waiting[id]
	delete(l.waiting, id)
	return waiter
}

// send sends a request and returns where its answer will arrive.
func (l *line) send(request wire.Request) (<-chan wire.Reply, error) {
	l.mu.Lock()
	l.last++
	request.ID = l.last
	answer := make(chan wire.Reply, 1)
	l.waiting[request.ID] = answer
	l.mu.Unlock()
	if err := l.out.Write(request); err != nil {
		return nil, fmt.Errorf("ask the guest: %w", err)
	}
	return answer, nil
}

// ask sends a request and waits for its answer. Errors wrap [ErrGuest],
// [qemu.ErrEnded] or the context's.
func (g *Guest) ask(ctx context.Context, request wire.Request) (wire.Reply, error) {
	answer, err := g.line.send(request)
	if err != nil {
		return wire.Reply{}, err
	}
	return g.await(ctx, answer)
}

func (g *Guest) await(ctx context.Context, answer <-chan wire.Reply) (wire.Reply, error) {
	select {
	case reply := <-answer:
		if reply.Error != "" {
			return reply, fmt.Errorf("%w: %s", ErrGuest, reply.Error)
		}
		return reply, nil
	case <-g.line.gone:
		return wire.Reply{}, g.ended()
	case <-ctx.Done():
		return wire.Reply{}, ctx.Err()
	}
}
