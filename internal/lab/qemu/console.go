package qemu

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"sync"
)

// maxConsole bounds what is kept of the console in memory, in bytes. The log
// file has everything.
const maxConsole = 1 << 20

// ErrEnded means that the machine is not running any more.
var ErrEnded = errors.New("the machine has ended")

// Console is what the machine printed on its first serial port.
type Console struct {
	mu   sync.Mutex
	text []byte
	// changed is closed, and replaced, whenever there is more text.
	changed chan struct{}
	ended   bool
}

func newConsole() *Console { return &Console{changed: make(chan struct{})} }

// follow copies the port to the log until the port closes.
func (c *Console) follow(port io.Reader, log *os.File) {
	defer c.update(func() { c.ended = true })
	buffer := make([]byte, 32<<10)
	for {
		n, err := port.Read(buffer)
		// A full disk must not keep the machine from running.
		_, _ = log.Write(buffer[:n])
		c.update(func() { c.keep(buffer[:n]) })
		if err != nil {
			return
		}
	}
}

func (c *Console) update(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *Console) keep(text []byte) {
	c.text = append(c.text, text...)
	if excess := len(c.text) - maxConsole; excess > 0 {
		c.text = append([]byte(nil), c.text[excess:]...)
	}
}

// Wait returns when the console has shown a text. The error is the context's,
// or [ErrEnded].
func (c *Console) Wait(ctx context.Context, text string) error {
	for {
		c.mu.Lock()
		found, ended, changed := bytes.Contains(c.text, []byte(text)), c.ended, c.changed
		c.mu.Unlock()
		if found {
			return nil
		}
		if ended {
			return ErrEnded
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Tail returns the last n lines.
func (c *Console) Tail(n int) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return tail(string(c.text), n)
}
