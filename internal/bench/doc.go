// Package bench measures what looking into a target costs, and compares it
// with reading as libtlp does.
//
// The targets are real guests: [Lab] boots them once and keeps their RAM below
// the user's cache directory, so that everybody measures the same memory every
// time. It is read in three ways:
//
//   - through package kc705, a model of the hardware on a virtual clock, which
//     gives the time on the link;
//   - with a latency of one and no other cost, which counts dependent steps;
//   - over the loopback interface, through the software adapter, which gives
//     what the program itself takes.
//
// [Serial] is the baseline: one tag, one read in flight, and a process list
// that makes six reads a task. The tests hold the model to what NetTLP's
// authors published for such a client.
//
// What needs guests is behind the build tag "bench". It writes the tables in
// docs/performance.md.
package bench
