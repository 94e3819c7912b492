package guest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"unsafe"

	"github.com/barescope/barescope/internal/lab/wire"
	"golang.org/x/sys/unix"
)

// buffer is memory that the host reads out of the guest's RAM, so that a
// snapshot can be had of a guest that is paused or has panicked, and sending it
// changes nothing in the guest.
type buffer struct{ data []byte }

// newBuffer returns a buffer of at least so many bytes, whose pages are there
// and stay where they are.
func newBuffer(size int) (*buffer, error) {
	pageSize := os.Getpagesize()
	size = (size + pageSize - 1) / pageSize * pageSize
	data, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_SHARED|unix.MAP_ANONYMOUS|unix.MAP_POPULATE|unix.MAP_LOCKED)
	if err != nil {
		return nil, fmt.Errorf("snapshot buffer of %d bytes: %w", size, err)
	}
	return &buffer{data: data}, nil
}

func (b *buffer) free() error { return unix.Munmap(b.data) }

// store fills the buffer.
func (b *buffer) store(snapshot []byte) error {
	if len(b.data) < wire.HeaderSize+len(snapshot) {
		return fmt.Errorf("the snapshot has %d bytes, the buffer %d", len(snapshot), len(b.data))
	}
	wire.PutHeader(b.data, snapshot)
	copy(b.data[wire.HeaderSize:], snapshot)
	return nil
}

// An entry of /proc/PID/pagemap. Source: Documentation/admin-guide/mm/pagemap.rst.
const (
	pagemapPresent = 1 << 63
	pagemapFrame   = 1<<55 - 1
	pagemapEntry   = 8
)

// pages returns where the buffer lies in physical memory.
func (b *buffer) pages() ([]wire.PageRun, error) {
	pagemap, err := os.Open("/proc/self/pagemap")
	if err != nil {
		return nil, err
	}
	defer pagemap.Close()
	pageSize := os.Getpagesize()
	entries := make([]byte, len(b.data)/pageSize*pagemapEntry)
	first := uintptr(unsafe.Pointer(unsafe.SliceData(b.data))) / uintptr(pageSize)
	if _, err := pagemap.ReadAt(entries, int64(first)*pagemapEntry); err != nil {
		return nil, err
	}
	var runs []wire.PageRun
	for ; len(entries) > 0; entries = entries[pagemapEntry:] {
		entry := binary.LittleEndian.Uint64(entries)
		if entry&pagemapPresent == 0 {
			return nil, errors.New("a page of the snapshot buffer is not in memory")
		}
		runs = appendFrame(runs, entry&pagemapFrame)
	}
	return runs, nil
}

func appendFrame(runs []wire.PageRun, frame uint64) []wire.PageRun {
	if n := len(runs); n > 0 && runs[n-1].Frame+runs[n-1].Count == frame {
		runs[n-1].Count++
		return runs
	}
	return append(runs, wire.PageRun{Frame: frame, Count: 1})
}
