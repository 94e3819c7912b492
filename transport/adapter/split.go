package adapter

import "github.com/barescope/barescope/transport/tlp"

// piece returns the next completion of a read, of which rest is the data that
// is still to come. The first one ends at the next read completion boundary,
// and each one after it has as much as a payload may (section 2.3.1.1 of the
// PCI Express specification). Since mps is a multiple of rcb, all but the last
// end at such a boundary.
func piece(r tlp.MemoryRead, rest []byte, rcb, mps int) tlp.Completion {
	address := int(r.Address%tlp.MaxRead) + r.Length - len(rest)
	size := mps
	if ragged := address % rcb; ragged != 0 {
		size = rcb - ragged
	}
	return tlp.Completion{
		Requester:    r.Requester,
		Tag:          r.Tag,
		ByteCount:    len(rest),
		LowerAddress: uint8(address & 0x7f),
		Data:         rest[:min(size, len(rest))],
	}
}

// failure returns the completion that answers a read without data. Its byte
// count is all that was asked for, since none of it will come.
func failure(r tlp.MemoryRead, status tlp.Status) tlp.Completion {
	return tlp.Completion{
		Requester:    r.Requester,
		Tag:          r.Tag,
		Status:       status,
		ByteCount:    r.Length,
		LowerAddress: uint8(r.Address & 0x7f),
	}
}
