package record

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/barescope/barescope/transport"
)

// ErrTruncated means that a recording has no end: its writer was killed, or
// the file was cut. What came before is sound.
var ErrTruncated = errors.New("recording is truncated")

// largestWindow bounds the memory that the zstd stream of a hostile file
// makes the decoder allocate. The encoder's own is 8 MiB.
const largestWindow = 16 << 20

// Reader takes a recording apart.
type Reader struct {
	header  Header
	zstd    *zstd.Decoder
	stream  *bufio.Reader
	entries uint64
	err     error // sticky
}

// NewReader returns a Reader of the recording in r. The error wraps
// [transport.ErrBadTarget] when it is none.
func NewReader(r io.Reader) (*Reader, error) {
	start := make([]byte, len(magic))
	if _, err := io.ReadFull(r, start); err != nil || !IsRecording(start) {
		return nil, fmt.Errorf("%w: file is no recording", transport.ErrBadTarget)
	}
	if version := start[len(start)-1]; string(start) != magic {
		return nil, fmt.Errorf("%w: recording has version %d, only %d is understood",
			transport.ErrBadTarget, version, magic[len(magic)-1])
	}
	decoder, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(largestWindow))
	if err != nil {
		return nil, fmt.Errorf("%w: recording: %w", transport.ErrBadTarget, err)
	}
	reader := &Reader{zstd: decoder, stream: bufio.NewReader(decoder)}
	if err := reader.readHeader(); err != nil {
		decoder.Close()
		return nil, fmt.Errorf("%w: header of the recording: %w", transport.ErrBadTarget, err)
	}
	return reader, nil
}

func (r *Reader) readHeader() error {
	length, err := binary.ReadUvarint(r.stream)
	if err != nil {
		return err
	}
	if length > longestHeader {
		return fmt.Errorf("%d bytes are too many", length)
	}
	header := make([]byte, length)
	if _, err := io.ReadFull(r.stream, header); err != nil {
		return err
	}
	return json.Unmarshal(header, &r.header)
}

// Header returns what the recording says about itself. It comes from the file
// and can hold anything.
func (r *Reader) Header() Header { return r.header }

// Close frees what the Reader holds. It does not close the file.
func (r *Reader) Close() { r.zstd.Close() }

// Next returns the next entry. The error is [io.EOF] after the last one,
// [ErrTruncated] where a recording breaks off, and wraps
// [transport.ErrBadTarget] where it makes no sense.
func (r *Reader) Next() (Entry, error) {
	if r.err != nil {
		return Entry{}, r.err
	}
	e, err := r.next()
	if err != nil {
		r.err = err
		return Entry{}, err
	}
	r.entries++
	return e, nil
}

func (r *Reader) next() (Entry, error) {
	code, err := r.stream.ReadByte()
	if err != nil {
		return Entry{}, brokenOff(err)
	}
	if code == endOfRecording {
		return Entry{}, r.end()
	}
	if int(code) >= len(codes) {
		return Entry{}, fmt.Errorf("%w: recording: entry %d has code %d", transport.ErrBadTarget, r.entries, code)
	}
	e := Entry{Outcome: codes[code]}
	address, err := binary.ReadUvarint(r.stream)
	if err != nil {
		return Entry{}, brokenOff(err)
	}
	e.Address = transport.Address(address)
	if e.Length, err = binary.ReadUvarint(r.stream); err != nil {
		return Entry{}, brokenOff(err)
	}
	if e.Length == 0 || e.Length > longestEntry || address+e.Length <= address {
		return Entry{}, fmt.Errorf("%w: recording: entry %d has %d bytes at %s", transport.ErrBadTarget, r.entries, e.Length, e.Address)
	}
	if e.Outcome == transport.Success {
		e.Data = make([]byte, e.Length)
		if _, err := io.ReadFull(r.stream, e.Data); err != nil {
			return Entry{}, brokenOff(err)
		}
	}
	return e, nil
}

// end checks the number of entries: an end in the middle is a damaged file.
func (r *Reader) end() error {
	count, err := binary.ReadUvarint(r.stream)
	if err != nil {
		return brokenOff(err)
	}
	if count != r.entries {
		return fmt.Errorf("%w: recording: %d entries where there should be %d", transport.ErrBadTarget, r.entries, count)
	}
	return io.EOF
}

// brokenOff tells a file that ends too early from one that is damaged.
func brokenOff(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrTruncated
	}
	return fmt.Errorf("%w: recording: %w", transport.ErrBadTarget, err)
}
