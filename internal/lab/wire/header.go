package wire

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// HeaderSize is the size of what precedes a snapshot in its buffer, in bytes.
const HeaderSize = 16

const magic = 0x6d6f6f6e

// ErrNoSnapshot means that a buffer holds no snapshot, or a damaged one.
var ErrNoSnapshot = errors.New("the buffer holds no snapshot")

// PutHeader writes a snapshot's header, which needs [HeaderSize] bytes.
func PutHeader(buffer, snapshot []byte) {
	binary.LittleEndian.PutUint32(buffer, magic)
	binary.LittleEndian.PutUint32(buffer[4:], crc32.ChecksumIEEE(snapshot))
	binary.LittleEndian.PutUint64(buffer[8:], uint64(len(snapshot)))
}

// Snapshot returns the snapshot in a buffer, or an error wrapping
// [ErrNoSnapshot].
func Snapshot(buffer []byte) ([]byte, error) {
	if len(buffer) < HeaderSize || binary.LittleEndian.Uint32(buffer) != magic {
		return nil, ErrNoSnapshot
	}
	length := binary.LittleEndian.Uint64(buffer[8:])
	if length > uint64(len(buffer)-HeaderSize) {
		return nil, ErrNoSnapshot
	}
	snapshot := buffer[HeaderSize : HeaderSize+length]
	if crc32.ChecksumIEEE(snapshot) != binary.LittleEndian.Uint32(buffer[4:]) {
		return nil, ErrNoSnapshot
	}
	return snapshot, nil
}
