package qemu

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestArguments(t *testing.T) {
	o := Options{Kernel: "/k", CommandLine: "console=ttyS0 quiet", Memory: 1024, CPUs: 2, Accel: "tcg"}
	arguments := o.arguments("/ram", "/initramfs")
	for _, want := range [][2]string{
		{"-cpu", "max,la57=off"},
		{"-m", "1024"},
		{"-smp", "2"},
		{"-object", "memory-backend-file,id=ram,size=1024M,mem-path=/ram,share=on"},
		{"-kernel", "/k"},
		{"-initrd", "/initramfs"},
		{"-append", "console=ttyS0 quiet"},
	} {
		if at := slices.Index(arguments, want[0]); at < 0 || arguments[at+1] != want[1] {
			t.Errorf("%s in %q", want, arguments)
		}
	}
	for _, test := range []struct {
		accel string
		la57  bool
		want  string
	}{{"tcg", true, "max,la57=on"}, {"kvm", false, "host,la57=off"}} {
		o.Accel, o.LA57 = test.accel, test.la57
		if got := o.cpu(); got != test.want {
			t.Errorf("%s: %s", test.accel, got)
		}
	}
}

func TestFind(t *testing.T) {
	_, err := Find("barescope-no-such-program", "some-package")
	if !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "apt-get install some-package") {
		t.Error(err)
	}
	if path, err := Find("sh", "dash"); err != nil || !strings.HasSuffix(path, "/sh") {
		t.Errorf("%s, %v", path, err)
	}
}
