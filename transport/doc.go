// Package transport gets bytes of a target's physical memory.
//
// The package itself holds only the contract: an [Address], a [Read] with its
// typed [Outcome], and the [Memory] that answers batches of reads. What
// answers them lives below: nettlp talks to an adapter card, image serves
// files, and guard, cache, meter and record are middleware that wrap one
// Memory in another. Package open composes them from a URL.
//
// The batch is the unit. On a link where a round trip costs 12 us, the time a
// question takes is the number of batches that depend on each other; a caller
// hands over everything it can ask for now, in one call.
//
// There is no write in the contract, and none anywhere below it.
package transport
