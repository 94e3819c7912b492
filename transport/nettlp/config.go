package nettlp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/tlp"
)

const (
	// configAttempts is how often the card is asked for a register.
	configAttempts = 4
	// configTimeout is the longest wait for each answer.
	configTimeout = 250 * time.Millisecond
)

// configSpace asks the card for its own configuration space, in which the
// target's memory has no part.
type configSpace struct {
	mu   sync.Mutex // one question at a time
	conn *net.UDPConn
	wait time.Duration
}

// register returns the value of a register. Without an answer, the error wraps
// transport.ErrNoLink; if ctx ended, its error.
func (s *configSpace) register(ctx context.Context, number uint16) (uint32, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	request, err := tlp.ConfigRegister{Number: number}.AppendRequest(nil)
	if err != nil {
		return 0, err
	}
	for range configAttempts {
		value, err := s.ask(ctx, number, request)
		switch {
		case err == nil:
			return value, nil
		case ctx.Err() != nil:
			return 0, fmt.Errorf("configuration register %#x: %w", number, ctx.Err())
		case errors.Is(err, unix.ECONNREFUSED), errors.Is(err, net.ErrClosed):
			return 0, fmt.Errorf("configuration register %#x: %w: %w", number, transport.ErrNoLink, err)
		}
	}
	return 0, fmt.Errorf("configuration register %#x: no answer: %w", number, transport.ErrNoLink)
}

// ask sends a request once and waits for its answer.
func (s *configSpace) ask(ctx context.Context, number uint16, request []byte) (uint32, error) {
	if err := s.conn.SetReadDeadline(time.Now().Add(s.wait)); err != nil {
		return 0, err
	}
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		_ = s.conn.SetReadDeadline(time.Unix(1, 0)) // fails only if closed
	})
	defer func() {
		if !stop() {
			<-interrupted // or it would end the next question
		}
	}()
	if _, err := s.conn.Write(request); err != nil {
		return 0, err
	}
	buffer := make([]byte, 2*tlp.ConfigReplySize)
	for {
		n, err := s.conn.Read(buffer)
		if err != nil {
			return 0, err
		}
		if r, err := tlp.DecodeConfig(buffer[:n]); err == nil && r.Number == number {
			return r.Value, nil
		}
	}
}

// diagnose says why reads of the target's memory get no answer.
func diagnose(ctx context.Context, link Link) error {
	command, err := link.Register(ctx, tlp.CommandRegister)
	switch {
	case errors.Is(err, transport.ErrNoLink):
		return fmt.Errorf("neither reads nor the adapter's configuration space get an answer "+
			"(is the address right, is there a static ARP entry for it?): %w", err)
	case err != nil:
		return err
	case command&tlp.BusMaster == 0:
		return fmt.Errorf("the adapter answers, but its bus mastering is off (command register %#04x): %w",
			uint16(command), transport.ErrReadsRefused)
	}
	return fmt.Errorf("the adapter answers and its bus mastering is on, but reads get no answer "+
		"(is an IOMMU in the way, is the requester id right?): %w", transport.ErrReadsRefused)
}
