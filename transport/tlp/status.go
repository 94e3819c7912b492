package tlp

import (
	"fmt"

	"github.com/barescope/barescope/transport"
)

// Status is the completion status field, three bits.
type Status uint8

// The values that the specification defines; the others are reserved.
const (
	// SC is a successful completion.
	SC Status = 0
	// UR means that nothing serves the request: an address that nobody
	// decodes, or one that an IOMMU refuses.
	UR Status = 1
	// CRS asks to retry a configuration request.
	CRS Status = 2
	// CA means that the completer gave up on the request.
	CA Status = 4
)

// Outcome returns what the status means for a read of memory. Reserved values
// count as UR, as section 2.2.9 demands of a receiver.
func (s Status) Outcome() transport.Outcome {
	switch s {
	case SC:
		return transport.Success
	case CRS:
		return transport.ConfigurationRetry
	case CA:
		return transport.CompleterAbort
	}
	return transport.UnsupportedRequest
}

// String returns the specification's abbreviation.
func (s Status) String() string {
	switch s {
	case SC:
		return "SC"
	case UR:
		return "UR"
	case CRS:
		return "CRS"
	case CA:
		return "CA"
	}
	return fmt.Sprintf("status(%d)", uint8(s))
}
