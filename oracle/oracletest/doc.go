// Package oracletest makes physical memory for tests of what finds and reads a
// kernel in it: sparse [Memory], [PageTables] built from the entries that the
// Intel SDM describes, and a [Fence] that fails a test when anything is read
// that nobody allowed.
//
// It is written apart from package pagetable, so that a misunderstanding of
// the format shows in the tests of either.
package oracletest
