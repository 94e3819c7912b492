package bench

import (
	"os"
	"testing"

	"github.com/barescope/barescope/internal/lab/guest"
)

// TestMain is also what runs inside the guests, and the adapter's process.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 {
		switch os.Args[1] {
		case guest.Command:
			os.Exit(guest.Main(os.Args[2:]))
		case ServeCommand:
			os.Exit(ServeMain(os.Args[2]))
		}
	}
	os.Exit(m.Run())
}
