// Guestprogram is the smallest program that can run in the laboratory's guest:
// what the tests put there.
package main

import (
	"os"

	"github.com/barescope/barescope/internal/lab/guest"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == guest.Command {
		os.Exit(guest.Main(os.Args[2:]))
	}
	os.Exit(2)
}
