// Package locate finds a running Linux kernel in physical memory, knowing
// nothing about it.
//
// The way in is the real-mode trampoline: a page of low memory holds the page
// table that a starting processor loads, and its upper half is the kernel's
// own (arch/x86/realmode/init.c). [Find] looks for it in the memory that is
// RAM on every PC, walks it to the kernel's image and takes the image's
// boundaries and permissions from the tables. The cost does not depend on how
// much RAM there is.
//
// Where that fails and the extent of RAM is known (an image, or a live target
// whose operator vouches for it) Find looks for the image at multiples of
// 2 MiB, and then for any page-table root at all. A scan for "swapper/0", as
// it was done before, would find an init_task that nothing can translate;
// a root leads to everything.
//
// What is found is proven: its tables must map an image that holds a kernel's
// banner. A copy of a kernel in the page cache has no such tables.
package locate
