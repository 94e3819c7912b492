// Package btf reads a kernel's types from BTF, the compact type information
// that most distributions build into the kernel image.
//
// [Parse] takes the raw blob as it lies in the target's memory; [Size] tells
// from the blob's header how much to read. The blob is the target's, so it is
// input: it is checked as a whole before cilium/ebpf, which decodes it, sees
// it, and what contradicts itself is refused with an error that wraps
// [layout.ErrMalformed].
//
// A kernel has a hundred thousand types and a walk needs a few dozen. [Types]
// therefore converts a type when it is first asked for, and remembers it.
//
// The format is described in the kernel's Documentation/bpf/btf.rst.
package btf
