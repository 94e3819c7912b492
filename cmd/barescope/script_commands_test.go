package main

import (
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// status runs a command and compares its exit code.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status CODE COMMAND [ARGUMENT…]")
	}
	if got, want := exitOf(ts, args); got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// eventually is status for a command that needs something in the background,
// which may not be ready yet: it is tried again for a while.
func eventually(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: eventually CODE COMMAND [ARGUMENT…]")
	}
	const tries = 40
	for try := 1; ; try++ {
		got, want := exitOf(ts, args)
		if got == want {
			return
		}
		if try == tries {
			ts.Fatalf("exit code %d, want %d", got, want)
		}
	}
}

// exitOf runs CODE COMMAND [ARGUMENT…] and returns its exit code and CODE.
func exitOf(ts *testscript.TestScript, args []string) (got, want int) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	return got, want
}

// random writes a file of random bytes: random FILE SIZE.
func random(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: random FILE SIZE")
	}
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	b := make([]byte, size)
	source := rand.NewChaCha8([32]byte{1})
	_, _ = source.Read(b)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o600))
}
