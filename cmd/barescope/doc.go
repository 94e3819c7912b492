// Barescope looks inside a bare-metal Linux host from outside it.
//
// A command is a file here. Each builds a cobra.Command from the app, which
// holds what all of them share: the global flags, where output goes, and how a
// target is opened. What goes wrong ends in an exit code that names the stage,
// see exit.go.
package main
