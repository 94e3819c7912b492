// Package guard keeps reads inside memory that is known to be RAM.
//
// A read of a live machine outside of its RAM can end DMA until the next
// reboot, or take the machine down. A [Guard] therefore starts with what is
// RAM on every PC and is widened step by step, as more becomes known: by the
// page tables of a kernel that was verified, then once and for all by the
// kernel's own map of System RAM. What lies outside is answered with
// [transport.Forbidden] and is never sent.
//
// Each set of ranges that is allowed together is a tier, and a tier must prove
// itself: until it has given its first answer, one read of it is in flight,
// and when that one fails nothing follows it.
package guard
