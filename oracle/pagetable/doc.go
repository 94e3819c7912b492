// Package pagetable translates the virtual addresses of a target's kernel by
// the target's own x86-64 page tables.
//
// [Tables] walks them: for many addresses at once, level by level, or over a
// whole range to see what is mapped there and how. A [Space] is the kernel's
// address space made of them: it answers batches of virtual reads, by walking
// or, where a range is known to be mapped linearly, without.
//
// Formats are those of the Intel SDM, volume 3A, section 4.5 ("4-level paging
// and 5-level paging").
package pagetable
