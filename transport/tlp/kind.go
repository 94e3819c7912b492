package tlp

import "fmt"

// Kind is the first byte of a TLP: the format in bits 7:5, the type in bits
// 4:0.
type Kind uint8

// The kinds that this package decodes.
const (
	// MRd32 is a memory read request with a three dword header, for
	// addresses below 4 GiB.
	MRd32 Kind = 0x00
	// MRd64 is a memory read request with a four dword header, for
	// addresses from 4 GiB on.
	MRd64 Kind = 0x20
	// Cpl is a completion without data: it says why there is none.
	Cpl Kind = 0x0a
	// CplD is a completion with data.
	CplD Kind = 0x4a
)

// kindNames has the names of table 2-3 of the specification. Messages (type
// 10rrr) and prefixes (format 100) are ranges, see name.
var kindNames = map[Kind]string{
	MRd32: "MRd", MRd64: "MRd",
	0x01: "MRdLk", 0x21: "MRdLk",
	0x40: "MWr", 0x60: "MWr",
	0x02: "IORd", 0x42: "IOWr",
	0x04: "CfgRd0", 0x44: "CfgWr0",
	0x05: "CfgRd1", 0x45: "CfgWr1",
	Cpl: "Cpl", CplD: "CplD",
	0x0b: "CplLk", 0x4b: "CplDLk",
	0x4c: "FetchAdd", 0x6c: "FetchAdd",
	0x4d: "Swap", 0x6d: "Swap",
	0x4e: "CAS", 0x6e: "CAS",
}

// KindOf returns the kind of a TLP. No byte at all is [ErrShort].
func KindOf(packet []byte) (Kind, error) {
	if len(packet) == 0 {
		return 0, fmt.Errorf("empty TLP: %w", ErrShort)
	}
	return Kind(packet[0]), nil
}

// Format returns the format field: header length, and whether data follows.
func (k Kind) Format() uint8 { return uint8(k >> 5) }

// Type returns the type field.
func (k Kind) Type() uint8 { return uint8(k & 0x1f) }

// String returns the kind's name in the specification with its format and
// type, as in "MWr (fmt 2, type 0x00)".
func (k Kind) String() string {
	return fmt.Sprintf("%s (fmt %d, type %#02x)", k.name(), k.Format(), k.Type())
}

func (k Kind) name() string {
	const message, prefix = 0x10, 4
	if n, ok := kindNames[k]; ok {
		return n
	}
	switch {
	case k.Format() == prefix:
		return "TLP prefix"
	case k.Type()&0x18 == message && k.Format() == 1:
		return "Msg"
	case k.Type()&0x18 == message && k.Format() == 3:
		return "MsgD"
	}
	return "unknown TLP"
}
