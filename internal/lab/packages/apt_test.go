package packages

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseRecord(t *testing.T) {
	const text = `Package: linux-image-7.2.13+deb14-amd64
Source: linux-signed-amd64 (7.2.13+1)
Version: 7.2.13-1
Depends: dracut | initramfs-tools (>= 0.120), linux-binary-7.2.13+deb14-amd64 (= 7.2.13-1), linux-modules-7.2.13+deb14-amd64 (= 7.2.13-1)
Description: Linux 7.2 for 64-bit PCs
 Package: not this one

Package: another
Version: 1
`
	want := record{
		Name: "linux-image-7.2.13+deb14-amd64", Version: "7.2.13-1",
		Depends: []string{"dracut", "linux-binary-7.2.13+deb14-amd64", "linux-modules-7.2.13+deb14-amd64"},
	}
	if diff := cmp.Diff(want, parseRecord(text)); diff != "" {
		t.Error(diff)
	}
}
