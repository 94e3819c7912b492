// Package kallsyms reads the kernel's own symbol table, the one behind
// /proc/kallsyms, out of the kernel's read-only data in memory.
//
// The table consists of arrays that scripts/kallsyms.c of the kernel's source
// writes and that nothing points at for somebody without symbols:
//
//   - the names, each a length and that many bytes, every byte standing for
//     one of 256 tokens; the first character of a name is its type;
//   - the markers, where in the names each 256th symbol begins;
//   - the tokens as text, and an index of where each begins;
//   - the addresses, in one of several encodings.
//
// Their order, their widths and the encoding changed over the years. [Parse]
// asks for no version: it finds the tokens by the digits among them, which
// stand for themselves, holds the index against them, finds markers and names
// that bear each other out, and then tries the places and encodings that
// addresses have had. It believes one only when symbols lie where the caller
// knows them to be, the table is sorted, and no other reading fits as well.
//
// A kernel without CONFIG_KALLSYMS_ALL has functions in its table and hardly
// any data. A kernel without CONFIG_KALLSYMS has no table.
package kallsyms
