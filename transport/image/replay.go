package image

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/rangeset"
	"github.com/barescope/barescope/transport/record"
)

// A recording is kept in memory, and a small compressed file can hold a great
// deal. largestReplay bounds the bytes that it covers, where each reading of a
// page and each page count for what they take besides.
const (
	largestReplay = 2 << 30
	readingCost   = 64
	pageCost      = 512
)

// replayLine is the granularity in bytes at which a Replay remembers which
// readings it has served. Package cache reads whole lines of this size.
const replayLine = 64

// Replay serves what a recording holds. It implements [transport.Memory].
//
// Memory that was read several times is served in the order of its readings,
// and then stays as it was read last: who reads twice to see whether a value
// moves, sees it move as it did. What was never read is [transport.Absent].
type Replay struct {
	header    record.Header
	truncated bool
	extent    rangeset.Set

	mu    sync.Mutex
	pages map[transport.Address]*replayPage
}

// replayPage holds the readings of a page in their order.
type replayPage struct {
	readings []reading
	// next is, for each line, the first reading that was not served.
	next [transport.PageSize / replayLine]uint32
}

// reading is what was read of a page at one time: the bytes from and up to
// offsets in it, data being nil when that failed.
type reading struct {
	from, to uint16
	outcome  transport.Outcome
	data     []byte
}

// OpenReplay opens a recording. The error wraps [transport.ErrBadTarget] when
// there is no such file or it is not understood. One that breaks off serves
// what it has.
func OpenReplay(path string) (*Replay, error) {
	file, _, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("%w: %w", transport.ErrBadTarget, err)
	}
	m, err := NewReplay(bufio.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// NewReplay reads a recording to its end. The error is that of [OpenReplay].
func NewReplay(file io.Reader) (*Replay, error) {
	r, err := record.NewReader(file)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	m := &Replay{header: r.Header(), pages: make(map[transport.Address]*replayPage)}
	err = m.load(r)
	if errors.Is(err, record.ErrTruncated) {
		m.truncated = true
		return m, nil
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Replay) load(r *record.Reader) error {
	var ranges []transport.Range
	defer func() { m.extent = rangeset.Of(ranges...) }()
	for size := uint64(0); size <= largestReplay; {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		ranges = append(ranges, e.Range())
		size += m.add(e)
	}
	return fmt.Errorf("%w: recording holds more than %d bytes", transport.ErrBadTarget, uint64(largestReplay))
}

// add files an entry under each page that it touches. It returns what that
// costs.
func (m *Replay) add(e record.Entry) uint64 {
	at, data, cost := e.Address, e.Data, e.Length
	for left := e.Length; left > 0; {
		from := uint64(at % transport.PageSize)
		n := min(left, transport.PageSize-from)
		p := m.pages[at.Page()]
		if p == nil {
			p = new(replayPage)
			m.pages[at.Page()] = p
			cost += pageCost
		}
		one := reading{from: uint16(from), to: uint16(from + n), outcome: e.Outcome}
		if data != nil {
			one.data, data = data[:n], data[n:]
		}
		p.readings = append(p.readings, one)
		cost += readingCost
		at, left = at+transport.Address(n), left-n
	}
	return cost
}

// Header returns what the recording says about itself.
func (m *Replay) Header() record.Header { return m.header }

// Truncated reports whether the recording breaks off.
func (m *Replay) Truncated() bool { return m.truncated }

// Extent returns the memory that was read, with success or not, in ascending
// order.
func (m *Replay) Extent() []transport.Range { return m.extent.Ranges() }

// Close does nothing: the recording was read to its end when it was opened.
func (m *Replay) Close() error { return nil }

// ReadPhysical implements [transport.Memory]. A read has the outcome that its
// first part without success had when it was recorded. The error is the
// context's.
func (m *Replay) ReadPhysical(ctx context.Context, reads []transport.Read) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range reads {
		reads[i].Outcome = m.read(reads[i].Address, reads[i].Data)
	}
	return nil
}

func (m *Replay) read(at transport.Address, data []byte) transport.Outcome {
	for len(data) > 0 {
		p := m.pages[at.Page()]
		if p == nil {
			return transport.Absent
		}
		from := int(at % transport.PageSize)
		n := min(len(data), replayLine-from%replayLine)
		if outcome := p.readLine(from, data[:n]); outcome != transport.Success {
			return outcome
		}
		data, at = data[n:], at+transport.Address(n)
	}
	return transport.Success
}

// readLine reads bytes of one line from offset from of the page on.
func (p *replayPage) readLine(from int, data []byte) transport.Outcome {
	next := &p.next[from/replayLine]
	first := *next
	for len(data) > 0 {
		i := p.find(from, int(first))
		if i < 0 {
			return transport.Absent
		}
		*next = max(*next, uint32(i)+1)
		r := &p.readings[i]
		if r.outcome != transport.Success {
			return r.outcome
		}
		n := copy(data, r.data[from-int(r.from):])
		data, from = data[n:], from+n
	}
	return transport.Success
}

// find returns the index of the first reading from first on that holds an
// offset, or else of the last one before it, or -1.
func (p *replayPage) find(offset, first int) int {
	holds := func(r *reading) bool { return int(r.from) <= offset && offset < int(r.to) }
	for i := first; i < len(p.readings); i++ {
		if holds(&p.readings[i]) {
			return i
		}
	}
	for i := min(first, len(p.readings)) - 1; i >= 0; i-- {
		if holds(&p.readings[i]) {
			return i
		}
	}
	return -1
}
