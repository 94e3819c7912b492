// Package tlp encodes and decodes what travels on a NetTLP link: the six byte
// NetTLP header and behind it one PCI Express transaction layer packet (TLP).
//
// It does no I/O and keeps no state. Encoders append to a buffer of the
// caller, decoders return values that alias the caller's buffer; neither
// allocates unless it fails.
//
// Only memory read requests and their completions can be encoded. A packet
// that would change something on the target (memory, I/O and configuration
// writes, atomics, messages) has no encoder here, and decodes to a
// [KindError] that names it.
//
// Bit positions follow the PCI Express Base Specification 3.0, section 2.2,
// whose names for fields are used throughout.
package tlp
