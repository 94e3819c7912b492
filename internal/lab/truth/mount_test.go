package truth

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseMountInfo(t *testing.T) {
	lines := []string{
		`47 1 0:41 / /mnt/with\040space rw,relatime - tmpfs a\040source rw,inode64`,
		`59 1 0:41 /and\040\134\040more /mnt/\012\011\043 rw shared:3 master:1 - tmpfs  rw`,
		`54 1 0:48 / /mnt/- ro unbindable - tmpfs - rw`,
		`51 1 0:45 / /mnt/with\134040digits rw - fuse.x a\9\04 rw,lowerdir=/a\134:b`,
	}
	want := []Mount{
		{ID: 47, ParentID: 1, Device: "0:41", Root: "/", MountPoint: "/mnt/with space", Options: "rw,relatime", Type: "tmpfs", Source: "a source", SuperOptions: "rw,inode64"},
		{ID: 59, ParentID: 1, Device: "0:41", Root: `/and \ more`, MountPoint: "/mnt/\n\t#", Options: "rw", Propagation: []string{"shared:3", "master:1"}, Type: "tmpfs", SuperOptions: "rw"},
		{ID: 54, ParentID: 1, Device: "0:48", Root: "/", MountPoint: "/mnt/-", Options: "ro", Propagation: []string{"unbindable"}, Type: "tmpfs", Source: "-", SuperOptions: "rw"},
		{ID: 51, ParentID: 1, Device: "0:45", Root: "/", MountPoint: `/mnt/with\040digits`, Options: "rw", Type: "fuse.x", Source: `a\9\04`, SuperOptions: `rw,lowerdir=/a\134:b`},
	}
	text := ""
	for i, line := range lines {
		want[i].Line = line
		text += line + "\n"
	}
	got, err := ParseMountInfo([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseMountInfoRefuses(t *testing.T) {
	for _, line := range []string{
		"", "1 2 0:1 / / rw", "1 2 0:1 / / rw - tmpfs a", "x 2 0:1 / / rw - tmpfs a rw", "1 2 0:1 / / rw - tmpfs a rw more",
	} {
		if got, err := ParseMountInfo([]byte(line + "\n")); !errors.Is(err, ErrFormat) || got != nil {
			t.Errorf("%q: %v, %v", line, got, err)
		}
	}
}

func FuzzParseMountInfo(f *testing.F) {
	f.Add([]byte("54 1 0:48 / /mnt/- ro unbindable - tmpfs - rw\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := ParseMountInfo(data); err != nil && got != nil {
			t.Errorf("error %v with value %v", err, got)
		}
	})
}
