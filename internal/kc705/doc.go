// Package kc705 models a NetTLP adapter on a Xilinx KC705 board, behind 10
// gigabit Ethernet, so that what a client would reach on the hardware can be
// computed on any machine, and comes out the same each time.
//
// A [Card] is a nettlp.Link that serves a transport.Memory. What it does takes
// the time that the hardware takes:
//
//	request   10 GbE ─ FIFO ─ one after the other ─ root complex
//	                                                    │ 11 us, now and then 24
//	completions  10 GbE ─ FIFO ─────────────────────────┘
//
// Ethernet is paced by the bytes of whole frames, the FIFOs have 16 KiB and no
// backpressure: what does not fit is truncated, what comes after it is lost.
// [Faults] adds a network that loses, repeats and delays.
//
// The numbers are set so that a client as libtlp is, with one read in flight a
// thread, comes within 15% of what NetTLP's authors published; package bench
// holds it to every cell of their table. They measured reads of up to 512 bytes, so that
// the model says nothing certain about longer ones.
//
// [Steps] is the other extreme, a memory with a latency of one and no other
// cost: the time that something takes is the number of its dependent steps.
//
// Everything waits on package time, and is meant for a bubble of
// testing/synctest, where waiting costs nothing: a sleep of 12 us takes a
// millisecond outside of one.
package kc705
