// Package wire is what the laboratory's host and the program in its guest say
// to each other over a serial line.
//
// A message is a JSON object on a line of its own. Bytes of any content, such
// as the names of processes, travel as base64 in it, so that nothing on the
// way can change them.
package wire
