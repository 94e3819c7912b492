// Package meter counts what a question costs: batches, reads, bytes and
// failures, as they go down to the link.
package meter
