package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/barescope/barescope/internal/lab/guest"
)

func main() {
	// Inside a guest of the lab this program is the workload: as its first
	// process it has no terminal, no environment and no flags.
	if len(os.Args) > 1 && os.Args[1] == guest.Command {
		os.Exit(guest.Main(os.Args[2:]))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run carries out one command line and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	a := &app{stdout: stdout, stderr: stderr}
	root := a.rootCommand()
	root.SetArgs(args)
	return a.exit(root.ExecuteContext(ctx))
}
