package transport

import "fmt"

// Outcome says what came of one read.
type Outcome uint8

const (
	// NotRead is the outcome of a read that was never carried out.
	NotRead Outcome = iota
	// Success means that Data holds the target's bytes.
	Success
	// UnsupportedRequest is a completion with status UR: nothing decodes
	// the address, or an IOMMU refuses it. Asking again does not help.
	UnsupportedRequest
	// CompleterAbort is a completion with status CA.
	CompleterAbort
	// ConfigurationRetry is a completion with status CRS.
	ConfigurationRetry
	// Timeout means silence: no complete answer in time, retries included.
	Timeout
	// Forbidden means that the read was not sent, since the range lies
	// outside of what may be read.
	Forbidden
	// Absent means that the medium is known to have no such memory: a hole
	// in an image, a page that a recording does not hold.
	Absent
	// Unmapped means that a virtual address has no translation. No
	// Memory returns it; it exists for the layers that translate.
	Unmapped
)

var outcomeNames = [...]string{
	NotRead:            "not read",
	Success:            "success",
	UnsupportedRequest: "unsupported request",
	CompleterAbort:     "completer abort",
	ConfigurationRetry: "configuration retry",
	Timeout:            "timeout",
	Forbidden:          "forbidden",
	Absent:             "absent",
	Unmapped:           "unmapped",
}

// String returns the outcome in words.
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return fmt.Sprintf("outcome(%d)", uint8(o))
}
