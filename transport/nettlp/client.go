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
	sockets   sockets // by tag
	config    *configSpace
	receivers sync.WaitGroup
	closeOnce sync.Once
}

var (
	_ transport.Memory = (*Client)(nil)
	_ transport.Prober = (*Client)(nil)
)

// sockets is the wire of a scheduler.
type sockets []*net.UDPConn

func (s sockets) send(tag uint8, datagram []byte) error {
	_, err := s[tag].Write(datagram)
	return err
}

// Dial binds the sockets. It sends nothing, hence does not fail when nothing
// is at the other end. An error wraps transport.ErrBadTarget if the options
// are at fault, transport.ErrNoLink if there is no route.
func Dial(o Options) (*Client, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	if !o.Local.IsValid() {
		local, err := sourceAddress(o.Target)
		if err != nil {
			return nil, err
		}
		o.Local = local
	}
	c := &Client{mrrs: o.MRRS}
	if err := c.open(o); err != nil {
		c.sockets.close()
		return nil, err
	}
	c.scheduler = newScheduler(c.sockets, o)
	c.receivers.Add(len(c.sockets))
	for tag, conn := range c.sockets {
		go c.receive(uint8(tag), conn)
	}
	o.Log.Debug().Stringer("target", o.Target).Stringer("local", o.Local).Stringer("requester", o.Requester).
		Int("tags", o.Tags).Int("mrrs", o.MRRS).Int("window", o.Window).Msg("NetTLP sockets are open")
	return c, nil
}

// open opens the sockets of all tags and that of the configuration space.
func (c *Client) open(o Options) error {
	for tag := range o.Tags {
		conn, err := openSocket(o.Local, o.Target, tlp.Port(uint8(tag)))
		if err != nil {
			return err
		}
		tune(conn, o.Log)
		c.sockets = append(c.sockets, conn)
	}
	conn, err := openSocket(o.Local, o.Target, tlp.ConfigPort)
	if err != nil {
		return err
	}
	c.config = &configSpace{conn: conn, wait: min(o.Timeout, configTimeout)}
	return nil
}

func (s sockets) close() {
	for _, conn := range s {
		_ = conn.Close() // a UDP socket has nothing to flush
	}
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
		return c.config.diagnose(ctx)
	}
	return b.err
}

// Probe asks the card for its vendor and device id; see transport.Prober.
func (c *Client) Probe(ctx context.Context) error {
	_, err := c.config.register(ctx, tlp.IDRegister)
	return err
}

// Stats returns what was counted so far.
func (c *Client) Stats() Stats { return c.scheduler.Stats() }

// Close ends all reads with an error wrapping net.ErrClosed, and closes the
// sockets.
func (c *Client) Close() error {
	c.closeOnce.Do(func() {
		c.scheduler.Close(fmt.Errorf("NetTLP client: %w", net.ErrClosed))
		c.sockets.close()
		_ = c.config.conn.Close()
		c.receivers.Wait()
	})
	return nil
}
