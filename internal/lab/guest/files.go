package guest

import (
	"golang.org/x/sys/unix"
)

// reader reads files below /proc with as few system calls as there can be: on
// an emulated processor a snapshot is made of thousands of them.
type reader struct{ space []byte }

func newReader() *reader { return &reader{space: make([]byte, 64<<10)} }

// read returns the contents of a file, valid until the next call.
func (r *reader) read(path string) ([]byte, error) {
	descriptor, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(descriptor)
	length := 0
	for {
		n, err := unix.Read(descriptor, r.space[length:])
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			return r.space[:length], err
		}
		if length += n; length == len(r.space) {
			r.space = append(r.space, make([]byte, len(r.space))...)
		}
	}
}

// copy returns a copy of the contents of a file.
func (r *reader) copy(path string) ([]byte, error) {
	data, err := r.read(path)
	return append([]byte(nil), data...), err
}
