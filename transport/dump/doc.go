// Package dump copies a target's memory to a file that other tools read: raw,
// LiME or an ELF core dump.
//
// A format is a [layout]: which bytes of the file are header, which are which
// memory, and which are neither and stay a hole. [Write] goes through it from
// the start of the file to its end, whatever the format:
//
//   - Several chunks are asked for at the same time (reader), so that the link
//     has work while the file is written.
//   - They are written in order, pages of zeros not at all (sink). SHA-256 is
//     taken of the file as it reads, holes included: sha256sum of the finished
//     file gives the same.
//   - Pages that cannot be read are zeros in the file and lines in a list
//     beside it.
//
// The file is FILE.partial until it is complete. Beside it, FILE.journal says
// up to where it holds what it should, and what the hash of that is. It is
// brought up to date every now and then and whenever Write ends early, so that
// a later Write goes on from there, by the same or by another process; it does
// so only on the same boot of the same machine.
//
// Memory use does not depend on how much there is to copy.
package dump
