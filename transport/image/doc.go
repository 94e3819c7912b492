// Package image serves physical memory that lies in a file.
//
// [Open] reads raw images, where a list of [Piece] says which stretch of the
// file is which stretch of memory, LiME dumps and ELF core dumps (QEMU's
// dump-guest-memory, kdump's vmcore). [OpenReplay] serves what package record
// has recorded. All are read by pread and never mapped: a file that shrinks
// while it is read, as the RAM file of a virtual machine can, then is a read
// that fails and not a SIGBUS.
//
// What an image does not hold is read as [transport.Absent].
package image
