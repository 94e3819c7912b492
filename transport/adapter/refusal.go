package adapter

import (
	"fmt"

	"github.com/barescope/barescope/transport/tlp"
)

// Refusal is the way in which a read is not served.
type Refusal uint8

const (
	// None means that nothing is refused, or the default of the option.
	None Refusal = iota
	// UnsupportedRequest answers with status UR.
	UnsupportedRequest
	// CompleterAbort answers with status CA.
	CompleterAbort
	// Silence does not answer.
	Silence
)

var refusalNames = [...]string{
	None:               "none",
	UnsupportedRequest: "ur",
	CompleterAbort:     "ca",
	Silence:            "silence",
}

// String returns the name that [Refusal.UnmarshalText] understands.
func (r Refusal) String() string {
	if int(r) < len(refusalNames) {
		return refusalNames[r]
	}
	return fmt.Sprintf("refusal(%d)", uint8(r))
}

// MarshalText returns the refusal's name.
func (r Refusal) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads "none", "ur", "ca" or "silence". Anything else is
// [ErrBadOptions] and leaves r as it is.
func (r *Refusal) UnmarshalText(text []byte) error {
	for i, name := range refusalNames {
		if string(text) == name {
			*r = Refusal(i)
			return nil
		}
	}
	return fmt.Errorf("refusal %q, want none, ur, ca or silence: %w", text, ErrBadOptions)
}

// status returns the completion status of a refusal that is answered.
func (r Refusal) status() tlp.Status {
	if r == CompleterAbort {
		return tlp.CA
	}
	return tlp.UR
}
