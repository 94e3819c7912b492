package qemu

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"sync"
)

// monitor speaks QMP, QEMU's machine protocol: JSON objects both ways, a
// greeting first, events in between.
// Source: docs/interop/qmp-spec.txt of QEMU.
type monitor struct {
	conn net.Conn

	mu      sync.Mutex
	last    uint64
	waiting map[uint64]chan answer
	// gone is closed when the connection ends.
	gone chan struct{}
}

type command struct {
	Execute string `json:"execute"`
	ID      uint64 `json:"id"`
}

type answer struct {
	ID    uint64 `json:"id"`
	Error *struct {
		Description string `json:"desc"`
	} `json:"error"`
	Event string `json:"event"`
}

func newMonitor(conn net.Conn) *monitor {
	m := &monitor{conn: conn, waiting: map[uint64]chan answer{}, gone: make(chan struct{})}
	go m.receive()
	return m
}

func (m *monitor) receive() {
	defer close(m.gone)
	decoder := json.NewDecoder(m.conn)
	for {
		var a answer
		if err := decoder.Decode(&a); err != nil {
			return
		}
		m.mu.Lock()
		if waiter := m.waiting[a.ID]; waiter != nil && a.Event == "" {
			waiter <- a
			delete(m.waiting, a.ID)
		}
		m.mu.Unlock()
	}
}

// execute carries out a command that takes no arguments and whose result is
// of no interest.
func (m *monitor) execute(ctx context.Context, name string) error {
	id, waiter := m.expect()
	line, err := json.Marshal(command{Execute: name, ID: id})
	if err != nil {
		return err
	}
	if _, err := m.conn.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("%s: %w", name, ErrEnded)
	}
	select {
	case a := <-waiter:
		if a.Error != nil {
			return fmt.Errorf("%s: %s", name, a.Error.Description)
		}
		return nil
	case <-m.gone:
		return fmt.Errorf("%s: %w", name, ErrEnded)
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", name, ctx.Err())
	}
}

// expect registers for the answer to a new command. IDs start at 1: the
// greeting and events have none.
func (m *monitor) expect() (uint64, chan answer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last++
	waiter := make(chan answer, 1)
	m.waiting[m.last] = waiter
	return m.last, waiter
}
