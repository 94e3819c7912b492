package guest

import (
	"fmt"
	"net"
)

// sockets keeps the workload's sockets open.
var sockets []any

// makeSockets opens sockets: listening, connected and not connected.
func makeSockets() error {
	for _, open := range []func() error{
		func() error { return openStream("tcp4", "127.0.0.1:2222") },
		func() error { return openStream("unix", "/run/workload.stream") },
		func() error { return openStream("unix", "@abstract") },
		func() error { return openPackets("udp4", "127.0.0.1:5353") },
		func() error { return openPackets("unixgram", "/run/workload.packets") },
	} {
		if err := open(); err != nil {
			return fmt.Errorf("socket: %w", err)
		}
	}
	return nil
}

// openStream opens a listening socket and a connection to it.
func openStream(network, address string) error {
	listener, err := net.Listen(network, address)
	if err != nil {
		return err
	}
	client, err := net.Dial(network, address)
	if err != nil {
		return err
	}
	server, err := listener.Accept()
	if err != nil {
		return err
	}
	sockets = append(sockets, listener, client, server)
	return nil
}

func openPackets(network, address string) error {
	socket, err := net.ListenPacket(network, address)
	if err != nil {
		return err
	}
	sockets = append(sockets, socket)
	return nil
}
