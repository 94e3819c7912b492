// Package oracle knows what the bytes of a target's memory mean for the one
// kernel that runs there.
//
// The package itself holds only what an opened kernel is: virtual addresses,
// batched virtual reads, symbols, the kernel's [Identity], and the errors
// that name the stage at which opening a target failed. The stages are
// packages below it: locate finds the kernel, pagetable translates, kallsyms
// and layout say where things are and how they look, and open runs them all.
package oracle
