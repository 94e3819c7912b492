package guest

import (
	"fmt"
	"os"
	"runtime"
)

// Command is the hidden command under which the program calls [Main].
const Command = "lab-guest"

// init keeps the main goroutine on the process's first thread when the program
// runs inside a guest: the state, credentials and namespaces of that thread are
// those that /proc shows for the process.
func init() {
	if len(os.Args) > 1 && os.Args[1] == Command {
		runtime.LockOSThread()
	}
}

// Main runs one of the guest's programs: args is what follows [Command] on the
// command line. It returns an exit status.
func Main(args []string) int {
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, Command+": runs inside the laboratory's guest")
		return 2
	}
	programs := map[string]func([]string) error{
		"init": runInit, "workload": runWorkload, "agent": runAgent, "spawn": runSpawn,
	}
	program := programs[args[0]]
	if program == nil {
		fmt.Fprintf(os.Stderr, "%s: no program %q\n", Command, args[0])
		return 2
	}
	if err := program(args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "%s %s: %v\n", Command, args[0], err)
		return 1
	}
	return 0
}
