package lab

import (
	"context"
	"errors"
	"fmt"

	"github.com/barescope/barescope/transport/adapter"
	"github.com/barescope/barescope/transport/image"
)

// Service is an adapter in front of a guest's RAM.
type Service struct {
	// Adapter counts what it is asked for.
	Adapter *adapter.Adapter

	ram    *image.Image
	cancel context.CancelFunc
	done   chan error
}

// Serve puts a software NetTLP adapter in front of the guest's RAM. It serves
// until Close is called or ctx ends. Errors are those of [adapter.New].
func (g *Guest) Serve(ctx context.Context, o adapter.Options) (*Service, error) {
	ram, err := g.openRAM()
	if err != nil {
		return nil, fmt.Errorf("serve the guest's RAM: %w", err)
	}
	a, err := adapter.New(ram, o)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("serve the guest's RAM: %w", err), ram.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &Service{Adapter: a, ram: ram, cancel: cancel, done: make(chan error, 1)}
	go func() { s.done <- a.Run(ctx) }()
	return s, nil
}

// Close ends the service and returns what went wrong while it ran. It may be
// called once.
func (s *Service) Close() error {
	s.cancel()
	return errors.Join(<-s.done, s.ram.Close())
}
