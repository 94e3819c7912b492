package record

import (
	"slices"
	"time"

	"github.com/barescope/barescope/transport"
)

const (
	magic = "BSCPREC\x01"
	// longestEntry is the largest length of an entry. It bounds what a
	// Reader allocates before it has seen the data.
	longestEntry = 1 << 20
	// longestHeader bounds the header in the same way.
	longestHeader = 64 << 10
	// endOfRecording is the code of the last entry.
	endOfRecording = 0
)

// codes are the outcomes in the order of their codes in a recording. They are
// listed, since the numbers of [transport.Outcome] may change while those in
// files must not. NotRead stands at the place of endOfRecording: a read that
// was not carried out is not recorded.
var codes = []transport.Outcome{
	transport.NotRead,
	transport.Success,
	transport.UnsupportedRequest,
	transport.CompleterAbort,
	transport.ConfigurationRetry,
	transport.Timeout,
	transport.Forbidden,
	transport.Absent,
}

func codeOf(o transport.Outcome) byte { return byte(max(0, slices.Index(codes, o))) }

// Header says where a recording comes from.
type Header struct {
	// Version of the program that wrote it.
	Version string `json:"version"`
	// Target is the URL that was read.
	Target string `json:"target"`
	// Started is when the recording began.
	Started time.Time `json:"started"`
}

// Entry is one read of a recording.
type Entry struct {
	Address transport.Address
	// Length in bytes.
	Length uint64
	// Outcome is never NotRead.
	Outcome transport.Outcome
	// Data has Length bytes when Outcome is Success, else it is nil.
	Data []byte
}

// Range returns the memory that the entry covers.
func (e *Entry) Range() transport.Range { return transport.Range{Start: e.Address, Length: e.Length} }
