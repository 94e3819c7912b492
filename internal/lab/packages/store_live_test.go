//go:build live

package packages

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
)

// openStore opens the store that barescope lab uses, so that the package lists
// are fetched once.
func openStore(t *testing.T) *Store {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	store, err := Open(filepath.Join(cache, "barescope", "lab"), zerolog.New(zerolog.NewTestWriter(t)))
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// TestStoreKernel fetches a kernel that is one package and one that is made of
// several: those for virtual machines, which are small.
func TestStoreKernel(t *testing.T) {
	store := openStore(t)
	for _, name := range []string{"linux-image-6.1.0-*-cloud-amd64", "linux-image-7.*-cloud-amd64"} {
		t.Run(name, func(t *testing.T) {
			kernel, err := store.Kernel(t.Context(), name, Want{Modules: []string{"bridge"}})
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, module := range kernel.Modules {
				names = append(names, module.Name)
			}
			if diff := cmp.Diff([]string{"llc", "stp", "bridge"}, names); diff != "" {
				t.Error(diff)
			}
			if err := checkImage(kernel.Image); err != nil || !matches(name, kernel.Name) {
				t.Errorf("%s: %v", kernel.Name, err)
			}
		})
	}
}

// TestStoreMakesAgain damages a kept kernel.
func TestStoreMakesAgain(t *testing.T) {
	store := openStore(t)
	want := Want{Modules: []string{"stp"}}
	kernel, err := store.Kernel(t.Context(), "linux-image-6.1.0-*-cloud-amd64", want)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(kernel.Image, 4096); err != nil {
		t.Fatal(err)
	}
	again, err := store.Kernel(t.Context(), kernel.Name, want)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(again.Image); err != nil || info.Size() < 1<<20 {
		t.Errorf("%v, %v", info, err)
	}
}
