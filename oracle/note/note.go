// Package note reads the ELF notes that a kernel carries in memory.
package note

import "encoding/binary"

// typeBuildID is NT_GNU_BUILD_ID.
const typeBuildID = 3

// maxBuildID bounds a build id in bytes; SHA-1 has 20, SHA-512 64.
const maxBuildID = 64

// BuildID returns the descriptor of the GNU build id note in a section of
// notes, or nil if there is none. Notes are a name's and a descriptor's
// length, a type, and both padded to four bytes (ELF gABI, "Note Section").
func BuildID(notes []byte) []byte {
	for len(notes) >= 12 {
		nameSize := uint64(binary.LittleEndian.Uint32(notes))
		descSize := uint64(binary.LittleEndian.Uint32(notes[4:]))
		kind := binary.LittleEndian.Uint32(notes[8:])
		name := notes[12:]
		desc, rest, ok := cut(name, nameSize, descSize)
		if !ok {
			return nil
		}
		if kind == typeBuildID && nameSize == 4 && string(name[:4]) == "GNU\x00" && descSize > 0 && descSize <= maxBuildID {
			return desc
		}
		notes = rest
	}
	return nil
}

// cut returns the descriptor behind a name, and what follows it.
func cut(b []byte, nameSize, descSize uint64) (desc, rest []byte, ok bool) {
	start := (nameSize + 3) &^ 3
	end := start + descSize
	if end > uint64(len(b)) {
		return nil, nil, false
	}
	return b[start:end], b[min((end+3)&^3, uint64(len(b))):], true
}
