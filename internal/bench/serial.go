package bench

import (
	"errors"
	"fmt"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/tlp"
)

// ErrSerial means that a read of the baseline brought no data.
var ErrSerial = errors.New("the baseline's read failed")

// Exchanger sends a request to a tag's port and hands what comes back to take,
// until that returns true. The error says that nothing came.
type Exchanger interface {
	Exchange(tag uint8, request []byte, take func(datagram []byte) (done bool)) error
}

// Serial reads as libtlp does: with one tag, and one read in flight. It is
// what barescope is measured against, and used for nothing else.
type Serial struct {
	link    Exchanger
	tag     uint8
	request [tlp.HeaderSize + tlp.MaxReadSize]byte
	take    func([]byte) bool

	// The read in flight.
	read tlp.MemoryRead
	data []byte
	left int
	err  error
}

// NewSerial returns a baseline that asks with a tag over a link.
func NewSerial(link Exchanger, requester tlp.ID, tag uint8) *Serial {
	s := &Serial{link: link, tag: tag}
	s.read = tlp.MemoryRead{Requester: requester, Tag: tag}
	s.take = s.completion // once, for it allocates
	return s
}

// Read reads data that lies within one page. The error wraps ErrSerial or is
// that of the link.
func (s *Serial) Read(address transport.Address, data []byte) error {
	s.read.Address, s.read.Length = address, len(data)
	s.data, s.left, s.err = data, len(data), nil
	request, err := s.read.AppendBinary(tlp.Header{}.Append(s.request[:0]))
	if err != nil {
		return err
	}
	if err := s.link.Exchange(s.tag, request, s.take); err != nil {
		return err
	}
	return s.err
}

// completion takes a datagram, and reports whether it was the last one.
func (s *Serial) completion(datagram []byte) bool {
	s.err = s.place(datagram)
	return s.err != nil || s.left == 0
}

func (s *Serial) place(datagram []byte) error {
	_, packet, err := tlp.DecodeHeader(datagram)
	if err != nil {
		return err
	}
	c, err := tlp.DecodeCompletion(packet)
	if err != nil {
		return err
	}
	offset, err := s.read.Place(c)
	if err != nil {
		return err
	}
	if c.Status != tlp.SC {
		return fmt.Errorf("%s: %s: %w", s.read.Address, c.Status, ErrSerial)
	}
	s.left -= copy(s.data[offset:], c.Data)
	return nil
}
