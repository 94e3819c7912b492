// Package record writes down what was read of a target, so that it can be
// read again without it: for tests, and for reports of what went wrong.
//
// A [Recorder] forwards reads and appends each to a recording; a [Reader]
// takes a recording apart again. Package image serves one as memory.
//
// # Format
//
// A recording is the eight bytes "BSCPREC" and 0x01, the version, followed by
// a zstd stream. Numbers in it are unsigned varints as encoding/binary writes
// them. It starts with the length of the header and the header in JSON; then
// come the entries, in the order in which the answers arrived:
//
//	code     one byte: what came of the read
//	address  of the first byte
//	length   in bytes, from 1 to 1 MiB
//	data     length bytes, if the code is 1
//
// Codes are 1 success, 2 unsupported request, 3 completer abort, 4
// configuration retry, 5 timeout, 6 forbidden, 7 absent. Code 0 ends the
// recording; it is followed by the number of entries. The stream is flushed
// after each batch, so that a recording whose writer was killed lacks only
// that end.
package record
