// Package qemu runs one virtual machine whose physical memory is a file.
//
// The machine is a q35 with nothing on it but RAM, processors and two serial
// ports: the first is the console, kept in a log, the second a line of bytes
// for the caller. Its RAM is a file that QEMU shares, so whoever maps or reads
// the file sees physical memory as a card on the bus would. The machine ends
// with the process that started it, however that one ends.
package qemu
