// Package timekeeper reads a kernel's clocks: when it booted, and how long it
// had been up when its clock last ticked.
package timekeeper
