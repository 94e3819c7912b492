// Package render writes what walkers yield for people and for programs: as an
// aligned table, as JSON, as JSON lines, as CSV.
//
// Names in a target's memory are whatever its users, or an intruder, made of
// them. In a table, [Visible] turns everything that could move a cursor,
// change a colour or reorder a line into an escape that cannot; in JSON such
// characters are \u escapes, which leaves the value as it is. CSV has no
// escapes: it holds the bytes as they are.
package render
