// Package packages fetches Debian kernels without installing them.
//
// A [Store] keeps an apt of its own below one directory: its own sources, from
// the old stable release to experimental, its own lists and its own archives,
// so that neither the machine's sources nor its installed packages matter and
// nobody has to be root. From a package it keeps the kernel image and a few
// modules. A kernel appears in the store by a rename, complete, and is checked
// against the digests in its manifest whenever it is used; one that fails is
// made again. Processes share a store under a lock.
package packages
