package wire

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// MaxMessage bounds a message in bytes, its line end included.
const MaxMessage = 8 << 20

// ErrTooLong means that a message is longer than [MaxMessage].
var ErrTooLong = errors.New("message too long")

// Writer writes messages. It may be used by several goroutines at once.
type Writer struct {
	mu sync.Mutex
	w  io.Writer
}

// NewWriter returns a Writer on w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write sends one message, in one write.
func (w *Writer) Write(message any) error {
	line, err := json.Marshal(message)
	if err != nil {
		return err
	}
	if len(line) >= MaxMessage {
		return ErrTooLong
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err = w.w.Write(append(line, '\n'))
	return err
}

// Reader reads messages.
type Reader struct{ r *bufio.Reader }

// NewReader returns a Reader on r.
func NewReader(r io.Reader) *Reader { return &Reader{r: bufio.NewReaderSize(r, 64<<10)} }

// Read reads one message. What is no message, such as what a boot loader
// prints on the line before the guest is up, is passed over. At the end of
// input it returns [io.EOF].
func (r *Reader) Read(message any) error {
	for {
		line, err := r.line()
		if err != nil {
			return err
		}
		if len(line) > 0 && line[0] == '{' && json.Unmarshal(line, message) == nil {
			return nil
		}
	}
}

// line reads to the end of a line.
func (r *Reader) line() ([]byte, error) {
	var line []byte
	for {
		part, err := r.r.ReadSlice('\n')
		if len(line)+len(part) > MaxMessage {
			return nil, fmt.Errorf("%w: over %d bytes", ErrTooLong, MaxMessage)
		}
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}
