package dump

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/barescope/barescope/transport"
)

// Unreadable is memory that could not be read, and why.
type Unreadable struct {
	transport.Range
	Outcome transport.Outcome
}

// String returns range and outcome.
func (u Unreadable) String() string { return u.Range.String() + " " + u.Outcome.String() }

// list is the file of what could not be read: an object a line, ascending,
// neighbours with the same outcome in one. It takes no memory.
type list struct {
	file  file
	out   *bufio.Writer
	state listState
}

// listState is what of a list is worth keeping.
type listState struct {
	Size    int64      `json:"size"`    // of the file, in bytes
	Ranges  uint64     `json:"ranges"`  // in the file
	Bytes   uint64     `json:"bytes"`   // of memory, Pending included
	Pending Unreadable `json:"pending"` // may still grow, empty if there is none
}

// openList goes on with a list. What stands in the file behind its state is
// removed.
func openList(f file, state listState) (*list, error) {
	l := &list{file: f, state: state}
	l.out = bufio.NewWriter(io.NewOffsetWriter(f, state.Size))
	return l, f.Truncate(state.Size)
}

// add adds what follows all that was added.
func (l *list) add(u Unreadable) error {
	l.state.Bytes += u.Length
	if p := &l.state.Pending; p.Outcome == u.Outcome && p.Length > 0 && p.End() == u.Start {
		p.Length += u.Length
		return nil
	}
	err := l.put()
	l.state.Pending = u
	return err
}

// put writes what is pending, if anything is.
func (l *list) put() error {
	p := l.state.Pending
	if p.Length == 0 {
		return nil
	}
	n, err := fmt.Fprintf(l.out, "{\"start\":\"%s\",\"end\":\"%s\",\"outcome\":\"%s\"}\n", p.Start, p.End()-1, p.Outcome)
	l.state.Size += int64(n)
	l.state.Ranges++
	l.state.Pending = Unreadable{}
	return err
}

// sync brings the file up to its state.
func (l *list) sync() error {
	if err := l.out.Flush(); err != nil {
		return err
	}
	return l.file.Sync()
}

// close completes the file.
func (l *list) close() error {
	return errors.Join(l.put(), l.sync(), l.file.Close())
}

// listed returns the first lines of a list, at most max.
func listed(r io.Reader, limit int) ([]string, error) {
	var lines []string
	for d := json.NewDecoder(r); len(lines) < limit; {
		var line struct{ Start, End, Outcome string }
		err := d.Decode(&line)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("list of unreadable memory: %w", err)
		}
		lines = append(lines, line.Start+"-"+line.End+" "+line.Outcome)
	}
	return lines, nil
}
