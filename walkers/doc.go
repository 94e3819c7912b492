// Package walkers turns kernel structures into rows.
//
// The package itself holds the contract. A [Walker] declares a [Table] of
// typed columns and fills it by asking a [Kernel], which may be an opened
// target, a plugin host at the far end of a stream, or a recording in a test:
// a walker cannot tell, and must not try.
//
// A walker asks for everything it can ask for at once and moves forward
// breadth first, so that a walk takes as many round trips as the structure is
// deep and not as it is long. It branches on whether a type has a member,
// never on a kernel's version. What it could not read, or what two sources
// tell differently, it says as [Doubt] on the row; it does not leave the row
// out.
//
// The walkers live in packages below, one for each subsystem; builtin lists
// them.
package walkers
