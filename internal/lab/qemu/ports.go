package qemu

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// port is a connection between this process and the emulator. It has no name
// in the file system, so it needs no directory, cannot be connected to by
// anybody else, and ends with either side.
type port struct {
	near net.Conn
	far  *os.File
}

func newPort(name string) (port, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return port{}, fmt.Errorf("socket pair: %w", err)
	}
	far := os.NewFile(uintptr(pair[1]), name)
	file := os.NewFile(uintptr(pair[0]), name)
	defer file.Close()
	near, err := net.FileConn(file)
	if err != nil {
		far.Close()
		return port{}, fmt.Errorf("socket pair: %w", err)
	}
	return port{near: near, far: far}, nil
}

// ports are all connections to one emulator.
type ports struct{ console, line, monitor port }

func newPorts() (*ports, error) {
	var p ports
	for name, port := range map[string]*port{"console": &p.console, "line": &p.line, "monitor": &p.monitor} {
		made, err := newPort(name)
		if err != nil {
			p.closeFar()
			return nil, err
		}
		*port = made
	}
	return &p, nil
}

// files returns the emulator's ends, in the order of the descriptors.
func (p *ports) files() []*os.File {
	return []*os.File{p.console.far, p.line.far, p.monitor.far}
}

// closeFar closes this process's copies of the emulator's ends.
func (p *ports) closeFar() {
	for _, file := range p.files() {
		if file != nil {
			file.Close()
		}
	}
}
