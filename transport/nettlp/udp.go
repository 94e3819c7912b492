package nettlp

import (
	"context"
	"net"
	"sync"

	"github.com/barescope/barescope/transport/tlp"
)

// udpLink is the Link that a card is reached by: a connected socket for each
// tag, and one for the card's configuration space.
type udpLink struct {
	sockets   []*net.UDPConn // by tag
	config    configSpace
	receivers sync.WaitGroup
}

// openUDP binds the sockets. The errors are those of Dial.
func openUDP(o Options) (*udpLink, error) {
	l := &udpLink{}
	if err := l.open(o); err != nil {
		_ = l.Close() // nothing was sent yet
		return nil, err
	}
	return l, nil
}

func (l *udpLink) open(o Options) error {
	for tag := range o.Tags {
		conn, err := openSocket(o.Local, o.Target, tlp.Port(uint8(tag)))
		if err != nil {
			return err
		}
		tune(conn, o.Log)
		l.sockets = append(l.sockets, conn)
	}
	conn, err := openSocket(o.Local, o.Target, tlp.ConfigPort)
	if err != nil {
		return err
	}
	l.config.conn, l.config.wait = conn, min(o.Timeout, configTimeout)
	return nil
}

// Listen implements Link.
func (l *udpLink) Listen(r Receiver) {
	for tag, conn := range l.sockets {
		l.receivers.Go(func() { receive(r, uint8(tag), conn) })
	}
}

// Send implements Link.
func (l *udpLink) Send(tag uint8, datagram []byte) error {
	_, err := l.sockets[tag].Write(datagram)
	return err
}

// Register implements Link.
func (l *udpLink) Register(ctx context.Context, number uint16) (uint32, error) {
	return l.config.register(ctx, number)
}

// Close implements Link. It returns nil.
func (l *udpLink) Close() error {
	for _, conn := range l.sockets {
		_ = conn.Close() // a UDP socket has nothing to flush
	}
	if l.config.conn != nil {
		_ = l.config.conn.Close()
	}
	l.receivers.Wait()
	return nil
}
