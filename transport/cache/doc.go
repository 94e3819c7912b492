// Package cache keeps what was read of a target's memory, for as long as the
// reader says that it is fresh.
//
// The target runs while it is read, so nothing is kept for a time: a [Cache]
// has epochs. Within one, a line of memory is read once; [Cache.Advance]
// starts the next, and only memory that was pinned, since the kernel cannot
// write to it, stays. [transport.Fresh] passes a single batch by.
//
// Memory is kept in lines of 64 bytes, the read completion boundary of PCI
// Express: a completion costs the same whether it carries eight bytes of such
// a line or all of it, and the kernel's neighbouring fields are wanted next.
// Lines that one request can carry are read by one, with what is between them:
// what a link takes, it takes for requests.
package cache
