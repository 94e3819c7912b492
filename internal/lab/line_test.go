package lab

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/barescope/barescope/internal/lab/wire"
)

// fakeGuest returns a guest whose agent is a function. A reply with ID 0 is
// not sent.
func fakeGuest(t *testing.T, agent func(wire.Request) wire.Reply) *Guest {
	t.Helper()
	near, far := net.Pipe()
	t.Cleanup(func() { near.Close() })
	go func() {
		defer far.Close()
		in, out := wire.NewReader(far), wire.NewWriter(far)
		for {
			var request wire.Request
			if in.Read(&request) != nil {
				return
			}
			if reply := agent(request); reply.ID != 0 && out.Write(reply) != nil {
				return
			}
		}
	}()
	return &Guest{line: newLine(near)}
}

func TestRunCommand(t *testing.T) {
	g := fakeGuest(t, func(r wire.Request) wire.Reply {
		if r.Command == "bad" {
			return wire.Reply{ID: r.ID, Output: []byte("why"), Status: 3}
		}
		if r.Command == "refused" {
			return wire.Reply{ID: r.ID, Error: "no"}
		}
		return wire.Reply{ID: r.ID, Output: []byte(r.Command + "\x00\xff")}
	})
	if got, err := g.Run(t.Context(), "a\nb"); err != nil || got != "a\nb\x00\xff" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := g.Run(t.Context(), "bad"); !errors.Is(err, ErrGuest) || got != "why" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := g.Run(t.Context(), "refused"); !errors.Is(err, ErrGuest) || got != "" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestAnswersOvertake holds back the first answer until the second is out.
func TestAnswersOvertake(t *testing.T) {
	var first wire.Request
	g := fakeGuest(t, func(r wire.Request) wire.Reply {
		switch r.Command {
		case "first":
			first = r
			return wire.Reply{}
		case "release":
			return wire.Reply{ID: first.ID, Output: []byte("first")}
		}
		return wire.Reply{ID: r.ID, Output: []byte("second")}
	})
	answer, err := g.line.send(wire.Request{Operation: wire.Run, Command: "first"})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := g.Run(t.Context(), "second"); err != nil || got != "second" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := g.line.send(wire.Request{Operation: wire.Run, Command: "release"}); err != nil {
		t.Fatal(err)
	}
	if reply, err := g.await(t.Context(), answer); err != nil || string(reply.Output) != "first" {
		t.Errorf("%q, %v", reply.Output, err)
	}
}

func TestAskGivesUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	g := fakeGuest(t, func(wire.Request) wire.Reply { cancel(); return wire.Reply{} })
	if _, err := g.Run(ctx, "anything"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
