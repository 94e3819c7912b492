package mount

import (
	"testing"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/object"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

func TestOptionsInTheKernelsOrder(t *testing.T) {
	s := &survey{shapes: &shapes{}}
	for flags, want := range map[uint64]string{
		0:                  "rw",
		0xff:               "ro,nosuid,nodev,noexec,noatime,nodiratime,relatime,nosymfollow",
		0x20 | 0x100 | 0x1: "rw,nosuid,relatime",
	} {
		if got := s.options(&mount{flags: flags}); got != want {
			t.Errorf("flags %#x: %q, want %q", flags, got, want)
		}
	}
}

func TestGenericSuperOptions(t *testing.T) {
	sb := &super{flags: 1 | 1<<4 | 1<<6 | 1<<7 | 1<<25 | 1<<29}
	got := sb.generic()
	want := []string{"ro", "sync", "dirsync", "mand", "lazytime"}
	for i := range want {
		if len(got) != len(want) || got[i] != want[i] {
			t.Fatalf("options %q, want %q", got, want)
		}
	}
}

// What says that ids are mapped was a user namespace, and is a mapping.
func TestIsMapped(t *testing.T) {
	const none, first, own, other oracle.Address = 0, 1, 2, 3
	mapping := object.NewPlan(wt.Struct("vfsmount", wt.Member("mnt_idmap", wt.Pointer))).Member("mnt_idmap")
	tests := []struct {
		name    string
		mapping oracle.Address
		idmap   object.Member
		want    bool
	}{
		{"before 5.12", none, object.Member{}, false},
		{"first namespace", first, object.Member{}, false},
		{"that of the file system", own, object.Member{}, false},
		{"another namespace", other, object.Member{}, true},
		{"mapping that does nothing", first, mapping, false},
		{"mapping", other, mapping, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := &survey{shapes: &shapes{idmap: test.idmap}, nopMapping: first, initUserNS: first,
				supers: map[oracle.Address]*super{8: {userNS: own}}}
			if got := s.isMapped(&mount{mapping: test.mapping, super: 8}); got != test.want {
				t.Errorf("mapped %v", got)
			}
		})
	}
}
