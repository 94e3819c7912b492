package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"time"

	"github.com/barescope/barescope/transport/adapter"
)

// ServeCommand is the argument under which a program calls ServeMain.
const ServeCommand = "bench-adapter"

// serveOptions are passed to the adapter's process.
type serveOptions struct {
	Snapshot       Snapshot
	Path           string // of the snapshot
	Listen, Client netip.Addr
	MRRS           int
	Singly         bool // completions
}

// Service is a software adapter in a process of its own, so that what it takes
// is not counted as the client's.
type Service struct {
	options serveOptions
	command *exec.Cmd
	stdin   io.Closer
}

// serve starts this program as an adapter for a snapshot.
func serve(ctx context.Context, s *Snapshot, o serveOptions) (*Service, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	o.Snapshot, o.Path = *s, s.Path
	text, err := json.Marshal(&o)
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, program, ServeCommand, string(text))
	c.Stderr = os.Stderr
	stdin, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	service := &Service{options: o, command: c, stdin: stdin}
	if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		return nil, errors.Join(fmt.Errorf("the adapter did not start: %w", err), service.Close())
	}
	return service, nil
}

// Close ends the adapter. The error says what was wrong with the client.
func (s *Service) Close() error {
	return errors.Join(s.stdin.Close(), s.command.Wait())
}

// CPU returns the processor time that the adapter took, once it is closed.
func (s *Service) CPU() time.Duration {
	return s.command.ProcessState.UserTime() + s.command.ProcessState.SystemTime()
}

// ServeMain is the adapter's process. It ends with its standard input.
func ServeMain(options string) int {
	if err := serveSnapshot(options); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", ServeCommand, err)
		return 1
	}
	return 0
}

func serveSnapshot(text string) (err error) {
	var o serveOptions
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	o.Snapshot.Path = o.Path
	ram, err := o.Snapshot.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ram.Close()) }()
	a, err := adapter.New(ram, adapter.Options{Listen: o.Listen, Client: o.Client, MRRS: o.MRRS, Singly: o.Singly})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, os.Stdin) // until the parent is gone
	}()
	fmt.Println("ready")
	return a.Run(ctx)
}
