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
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run carries out one command line and returns its exit code. An interrupt
// ends it in an orderly way, a second one at once.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	a := &app{stdout: stdout, stderr: stderr}
	root := a.rootCommand()
	root.SetArgs(args)
	return a.exit(root.ExecuteContext(ctx))
}
