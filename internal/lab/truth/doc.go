// Package truth is what a guest says about itself.
//
// [Raw] is what the program in the guest collects: the contents of files
// below /proc, byte for byte. [Parse] turns it into a [Snapshot], the answers
// that what is read out of the guest's memory has to equal.
package truth
