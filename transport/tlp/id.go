package tlp

import (
	"fmt"
	"strconv"
	"strings"
)

// ID names a function on a PCI Express fabric: bus in bits 15:8, device in
// bits 7:3, function in bits 2:0. Requests and completions carry the ID of
// their requester, completions also that of the completer.
type ID uint16

// ParseID reads an ID as lspci prints it, in hexadecimal: "1b:00" or, with a
// function, "1b:00.0". Anything else is [ErrBadID].
func ParseID(s string) (ID, error) {
	bus, rest, ok := strings.Cut(s, ":")
	if !ok {
		return 0, fmt.Errorf("%q is not of the form 1b:00 or 1b:00.0: %w", s, ErrBadID)
	}
	device, function, hasFunction := strings.Cut(rest, ".")
	if !hasFunction {
		function = "0"
	}
	var id ID
	for _, part := range []struct {
		text   string
		digits int
		bits   int
	}{{bus, 2, 8}, {device, 2, 5}, {function, 1, 3}} {
		v, err := strconv.ParseUint(part.text, 16, part.bits)
		if err != nil || len(part.text) > part.digits {
			return 0, fmt.Errorf("%q is not of the form 1b:00 or 1b:00.0: %w", s, ErrBadID)
		}
		id = id<<part.bits | ID(v)
	}
	return id, nil
}

// String returns the ID in the form "1b:00.0".
func (id ID) String() string {
	return fmt.Sprintf("%02x:%02x.%x", uint8(id>>8), uint8(id>>3)&0x1f, uint8(id)&7)
}
