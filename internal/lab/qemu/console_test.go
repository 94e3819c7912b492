package qemu

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestConsole(t *testing.T) {
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	port, guest := io.Pipe()
	c := newConsole()
	go c.follow(port, log)
	found := make(chan error, 1)
	go func() { found <- c.Wait(t.Context(), "two thr") }()
	for _, text := range []string{"one t", "wo th", "ree\r\nfour\r\n"} {
		if _, err := io.WriteString(guest, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-found; err != nil {
		t.Error(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Wait(ended, "five"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	guest.Close()
	if err := c.Wait(t.Context(), "five"); !errors.Is(err, ErrEnded) {
		t.Error(err)
	}
	if got := c.Tail(1); got != "four" {
		t.Errorf("%q", got)
	}
	if data, err := os.ReadFile(log.Name()); err != nil || string(data) != "one two three\r\nfour\r\n" {
		t.Errorf("%q, %v", data, err)
	}
}

func TestConsoleIsBounded(t *testing.T) {
	c := newConsole()
	for range 3 {
		c.keep([]byte(strings.Repeat("a", maxConsole/2)))
	}
	c.keep([]byte("end"))
	if len(c.text) != maxConsole || !strings.HasSuffix(string(c.text), "aend") {
		t.Errorf("%d bytes", len(c.text))
	}
}
