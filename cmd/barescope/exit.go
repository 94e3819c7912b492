package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/barescope/barescope/internal/render"
	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/walkers"
)

// Exit codes. They are documented in the README and do not change.
const (
	exitOther = 1
	exitUsage = 2
	// exitDoubt: with --strict, a row carries a doubt.
	exitDoubt = 16
)

// errUsage marks a command line that cannot be understood, errDoubt rows that
// --strict does not accept.
var (
	errUsage = errors.New("bad command line")
	errDoubt = errors.New("doubtful rows")
)

// stages gives each stage that can fail its exit code. The first that matches
// counts: an opened kernel that lacks a symbol is a matter of symbols.
var stages = []struct {
	err  error
	code int
}{
	{errDoubt, exitDoubt},
	{errUsage, exitUsage},
	{transport.ErrBadTarget, exitUsage},
	{render.ErrUnknownFormat, exitUsage},
	{transport.ErrNoLink, 10},
	{transport.ErrReadsRefused, 11},
	{oracle.ErrNoKernel, 12},
	{oracle.ErrUnsupported, 12},
	{oracle.ErrNoSymbols, 13},
	{oracle.ErrUnknownSymbol, 13},
	{oracle.ErrNoTypes, 14},
	{oracle.ErrContradiction, 15},
	{walkers.ErrUnknownShape, 14},
	{layout.ErrUnknownType, 14},
	{layout.ErrUnknownMember, 14},
}

// exit reports an error and returns the exit code that it stands for.
func (a *app) exit(err error) int {
	if err == nil {
		return 0
	}
	code := exitOther
	if !a.started { // cobra refused the command line before a command ran
		code = exitUsage
	}
	for _, s := range stages {
		if errors.Is(err, s.err) {
			code = s.code
			break
		}
	}
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(a.stderr, "barescope: interrupted")
	case code == exitUsage:
		fmt.Fprintf(a.stderr, "barescope: %s\nSee barescope --help.\n", render.Visible(err.Error()))
	default:
		fmt.Fprintf(a.stderr, "barescope: %s\n", render.Visible(err.Error()))
	}
	return code
}
