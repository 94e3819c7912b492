package nettlp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/tlp"
)

// Client reads the memory of the machine that an adapter card is in.
type Client struct {
	scheduler *scheduler
	mrrs      int
	link      Link
	closeOnce sync.Once
	closed    error
}

var (
	_ transport.Memory = (*Client)(nil)
	_ transport.Prober = (*Client)(nil)
)

// Dial returns a client that reaches the card by UDP. It binds the sockets and
// sends nothing, hence does not fail when nothing is at the other end. An error
// wraps transport.ErrBadTarget if the options are at fault,
// transport.ErrNoLink if there is no route.
func Dial(o Options) (*Client, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	if err := o.locate(); err != nil {
		return nil, err
	}
	link, err := openUDP(o)
	if err != nil {
		return nil, err
	}
	o.Log.Debug().Stringer("target", o.Target).Stringer("local", o.Local).Stringer("requester", o.Requester).
		Int("tags", o.Tags).Int("mrrs", o.MRRS).Int("window", o.Window).Msg("NetTLP sockets are open")
	return newClient(link, o), nil
}

// New returns a client that reaches the card by a link, which it closes in the
// end. The options' addresses are not used. An error wraps
// transport.ErrBadTarget; the link is then left open.
func New(link Link, o Options) (*Client, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	return newClient(link, o), nil
}

func newClient(link Link, o Options) *Client {
	c := &Client{scheduler: newScheduler(link, o), mrrs: o.MRRS, link: link}
	link.Listen(c.scheduler)
	return c
}

// ReadPhysical reads a batch; see transport.Memory. When nothing has answered
// yet, or nothing answers any more, the error wraps transport.ErrNoLink or
// transport.ErrReadsRefused.
func (c *Client) ReadPhysical(ctx context.Context, reads []transport.Read) error {
	b := newBatch(reads, c.mrrs)
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("reading %d ranges: %w", len(reads), err)
	}
	c.scheduler.Submit(b)
	select {
	case <-b.done:
	case <-ctx.Done():
		c.scheduler.Abandon(b)
		return fmt.Errorf("reading %d ranges: %w", len(reads), ctx.Err())
	}
	if errors.Is(b.err, errSilence) {
		return diagnose(ctx, c.link)
	}
	return b.err
}

// Probe asks the card for its vendor and device id; see transport.Prober.
func (c *Client) Probe(ctx context.Context) error {
	_, err := c.link.Register(ctx, tlp.IDRegister)
	return err
}

// MRRS returns how many bytes one request carries at most.
func (c *Client) MRRS() int { return c.mrrs }

// Stats returns what was counted so far.
func (c *Client) Stats() Stats { return c.scheduler.Stats() }

// Close ends all reads with an error wrapping net.ErrClosed, and closes the
// link. It returns what closing that returned.
func (c *Client) Close() error {
	c.closeOnce.Do(func() {
		c.scheduler.Close(fmt.Errorf("NetTLP client: %w", net.ErrClosed))
		c.closed = c.link.Close()
	})
	return c.closed
}
