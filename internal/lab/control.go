package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/barescope/barescope/internal/lab/wire"
)

// ErrControl means that the process which holds a guest could not do what it
// was asked for.
var ErrControl = errors.New("the guest's keeper says")

// operation is what the process that holds a guest is asked for.
type operation string

const (
	opRun    operation = "run"
	opSpawn  operation = "spawn"
	opPanic  operation = "panic"
	opPause  operation = "pause"
	opResume operation = "resume"
	opDown   operation = "down"
)

// controlRequest and controlReply are the two messages of a connection.
type controlRequest struct {
	Operation operation
	Command   string
	Count     int
}

type controlReply struct {
	Output []byte
	Error  string
}

// call sends a request to the process that holds the guest.
func (s *State) call(ctx context.Context, request controlRequest) (string, error) {
	r, err := openRegistry()
	if err != nil {
		return "", err
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", r.path(s.Name, ".socket"))
	if err != nil {
		return "", fmt.Errorf("%w: %s: %w", ErrNotRunning, s.Name, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if err := wire.NewWriter(conn).Write(request); err != nil {
		return "", err
	}
	var reply controlReply
	if err := wire.NewReader(conn).Read(&reply); err != nil {
		return "", fmt.Errorf("%w: %w", ErrNotRunning, errors.Join(ctx.Err(), err))
	}
	if reply.Error != "" {
		return string(reply.Output), fmt.Errorf("%w: %s", ErrControl, reply.Error)
	}
	return string(reply.Output), nil
}

// Run is [Guest.Run]. As with all methods of State, errors wrap
// [ErrNotRunning], [ErrControl] or the context's.
func (s *State) Run(ctx context.Context, command string) (string, error) {
	return s.call(ctx, controlRequest{Operation: opRun, Command: command})
}

// Spawn is [Guest.Spawn].
func (s *State) Spawn(ctx context.Context, count int) error {
	_, err := s.call(ctx, controlRequest{Operation: opSpawn, Count: count})
	return err
}

// Panic is [Guest.Panic].
func (s *State) Panic(ctx context.Context) error {
	_, err := s.call(ctx, controlRequest{Operation: opPanic})
	return err
}

// Pause is [Guest.Pause].
func (s *State) Pause(ctx context.Context) error {
	_, err := s.call(ctx, controlRequest{Operation: opPause})
	return err
}

// Resume is [Guest.Resume].
func (s *State) Resume(ctx context.Context) error {
	_, err := s.call(ctx, controlRequest{Operation: opResume})
	return err
}

// Down ends the guest and returns when it is gone, its files too.
func (s *State) Down(ctx context.Context) error {
	_, err := s.call(ctx, controlRequest{Operation: opDown})
	if err != nil {
		return err
	}
	r, err := openRegistry()
	if err != nil {
		return err
	}
	return r.awaitFree(ctx, s.Name)
}

// keeper answers control requests for a guest.
type keeper struct {
	guest *Guest
	// down ends the guest.
	down context.CancelFunc
}

// serve answers until the listener is closed.
func (k *keeper) serve(ctx context.Context, listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go k.answer(ctx, conn)
	}
}

// answer carries out the request of one connection. A request is given up when
// its client is gone.
func (k *keeper) answer(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var request controlRequest
	if err := wire.NewReader(conn).Read(&request); err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(io.Discard, conn)
		cancel()
	}()
	output, err := k.carryOut(ctx, request)
	reply := controlReply{Output: []byte(output)}
	if err != nil {
		reply.Error = err.Error()
	}
	// A client that is gone wants no answer.
	_ = wire.NewWriter(conn).Write(reply)
	if request.Operation == opDown {
		k.down()
	}
}

func (k *keeper) carryOut(ctx context.Context, request controlRequest) (string, error) {
	switch request.Operation {
	case opRun:
		return k.guest.Run(ctx, request.Command)
	case opSpawn:
		return "", k.guest.Spawn(ctx, request.Count)
	case opPanic:
		return "", k.guest.Panic(ctx)
	case opPause:
		return "", k.guest.Pause(ctx)
	case opResume:
		return "", k.guest.Resume(ctx)
	case opDown:
		return "", nil
	}
	return "", fmt.Errorf("unknown operation %q", request.Operation)
}
