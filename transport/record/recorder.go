package record

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/barescope/barescope/transport"
)

// Recorder forwards reads to another Memory and records them with what came
// of them. It implements [transport.Memory].
type Recorder struct {
	next transport.Memory

	mu      sync.Mutex
	stream  *zstd.Encoder
	entries uint64
	closed  bool
	err     error // the first that writing met
}

// New returns a Recorder before next that writes to w. It writes the header
// at once; the error is that of w.
func New(next transport.Memory, w io.Writer, h Header) (*Recorder, error) {
	header, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("header of the recording: %w", err)
	}
	if _, err := io.WriteString(w, magic); err != nil {
		return nil, fmt.Errorf("starting the recording: %w", err)
	}
	stream, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return nil, fmt.Errorf("starting the recording: %w", err)
	}
	r := &Recorder{next: next, stream: stream}
	r.write(append(binary.AppendUvarint(nil, uint64(len(header))), header...))
	r.flush()
	return r, r.err
}

// ReadPhysical implements [transport.Memory]. The error is that of the Memory
// behind. That the recording cannot be written does not keep the target from
// being read; [Recorder.Close] tells.
func (r *Recorder) ReadPhysical(ctx context.Context, reads []transport.Read) error {
	err := r.next.ReadPhysical(ctx, reads)
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range reads {
		r.put(&reads[i])
	}
	r.flush()
	return err
}

// put writes one read, in pieces when it is long.
func (r *Recorder) put(read *transport.Read) {
	code := codeOf(read.Outcome)
	if code == endOfRecording {
		return
	}
	at := read.Address
	for data := read.Data; len(data) > 0; {
		n := min(len(data), longestEntry)
		entry := []byte{code}
		entry = binary.AppendUvarint(entry, uint64(at))
		entry = binary.AppendUvarint(entry, uint64(n))
		r.write(entry)
		if read.Outcome == transport.Success {
			r.write(data[:n])
		}
		r.entries++
		data, at = data[n:], at+transport.Address(n)
	}
}

func (r *Recorder) write(b []byte) {
	if r.err == nil && !r.closed {
		_, r.err = r.stream.Write(b)
	}
}

func (r *Recorder) flush() {
	if r.err == nil && !r.closed {
		r.err = r.stream.Flush()
	}
}

// Close ends the recording; reads are still forwarded after it, but not
// recorded. It returns the first error that writing met, and does not close
// the writer.
func (r *Recorder) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.write(binary.AppendUvarint([]byte{endOfRecording}, r.entries))
	r.closed = true
	if err := errors.Join(r.err, r.stream.Close()); err != nil {
		return fmt.Errorf("writing the recording: %w", err)
	}
	return nil
}

// IsRecording reports whether a file that starts with these bytes is a
// recording, of whatever version.
func IsRecording(start []byte) bool { return bytes.HasPrefix(start, []byte(magic[:len(magic)-1])) }
