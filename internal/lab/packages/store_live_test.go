//go:build live

package packages

import (
	"os"
	"testing"

	"github.com/rs/zerolog"
)

// storeDir is where the live tests keep kernels: the same place as barescope
// lab, so that each is downloaded once.
func storeDir(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return cache + "/barescope/lab"
}

func TestStoreKernel(t *testing.T) {
	store, err := Open(storeDir(t), zerolog.New(zerolog.NewTestWriter(t)))
	if err != nil {
		t.Fatal(err)
	}
	want := Want{Modules: []string{"dummy", "bridge", "ext4"}, Optional: []string{"crc32c_generic"}}
	for _, name := range []string{"linux-image-6.1.0-*-amd64", "linux-image-7.*-amd64"} {
		t.Run(name, func(t *testing.T) {
			kernel, err := store.Kernel(t.Context(), name, want)
			if err != nil {
				t.Fatal(err)
			}
			position := map[string]int{}
			for i, module := range kernel.Modules {
				position[module.Name] = i + 1
			}
			for _, pair := range [][2]string{{"llc", "stp"}, {"stp", "bridge"}, {"jbd2", "ext4"}, {"mbcache", "ext4"}} {
				if before, after := position[pair[0]], position[pair[1]]; before == 0 || before >= after {
					t.Errorf("%s is at %d, %s at %d", pair[0], before, pair[1], after)
				}
			}
		})
	}
}
