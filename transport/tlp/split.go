package tlp

// Piece returns the next completion of a read, of which rest is the data that
// is still to come, at least one byte. The first one ends at the next multiple
// of rcb, the read completion boundary, and each one after it has as much as
// mps, the largest payload, allows (section 2.3.1.1). If mps is a multiple of
// rcb, all but the last end at such a boundary.
func (r MemoryRead) Piece(rest []byte, rcb, mps int) Completion {
	address := int(r.Address%MaxRead) + r.Length - len(rest)
	size := mps
	if ragged := address % rcb; ragged != 0 {
		size = rcb - ragged
	}
	return Completion{
		Requester:    r.Requester,
		Tag:          r.Tag,
		ByteCount:    len(rest),
		LowerAddress: uint8(address & 0x7f),
		Data:         rest[:min(size, len(rest))],
	}
}

// Failure returns the completion that answers a read without data. Its byte
// count is all that was asked for, since none of it will come.
func (r MemoryRead) Failure(status Status) Completion {
	return Completion{
		Requester:    r.Requester,
		Tag:          r.Tag,
		Status:       status,
		ByteCount:    r.Length,
		LowerAddress: uint8(r.Address & 0x7f),
	}
}
