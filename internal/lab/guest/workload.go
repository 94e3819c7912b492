package guest

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// runWorkload makes the activity and then only keeps it. What goes wrong is
// written to standard output, which is closed when all is set up. The argument
// says whether the kernel has its modules.
func runWorkload(args []string) error {
	modular := len(args) > 0 && args[0] == "true"
	if err := makeActivity(modular); err != nil {
		fmt.Print(err)
		return err
	}
	if err := os.Stdout.Close(); err != nil {
		return err
	}
	for {
		// Interrupted by the runtime's own signals.
		_ = unix.Pause()
	}
}

func makeActivity(modular bool) error {
	if err := renameSelf("workload"); err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return makeMounts(modular) },
		makeTasks,
		makeNamespaces,
		makeThreads,
		makeSockets,
		throttleRunning,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
