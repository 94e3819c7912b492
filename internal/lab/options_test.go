package lab

import (
	"errors"
	"testing"
)

func TestOptions(t *testing.T) {
	o := Options{Kernel: "linux-image-6.1.0-*-amd64", PTI: true, CommandLine: "loglevel=7"}
	if err := o.complete(); err != nil {
		t.Fatal(err)
	}
	if o.Memory != 1024 || o.CPUs != 2 || o.Accel != "tcg" || o.Cache == "" || o.GuestProgram == "" || o.BootTimeout == 0 {
		t.Errorf("%+v", o)
	}
	if got, want := o.commandLine(), "console=ttyS0 quiet panic=0 pti=on loglevel=7"; got != want {
		t.Errorf("%q", got)
	}
}

func TestOptionsRefuse(t *testing.T) {
	for name, o := range map[string]Options{
		"no kernel":        {},
		"little memory":    {Kernel: "k", Memory: 64},
		"negative memory":  {Kernel: "k", Memory: -1},
		"no processors":    {Kernel: "k", CPUs: -1},
		"accelerator":      {Kernel: "k", Accel: "xen"},
		"modules":          {Kernel: "linux-image-6.1.0-1-amd64", Modules: "/lib/modules/6.1"},
		"many processors":  {Kernel: "k", CPUs: 1000},
		"a lot of memory":  {Kernel: "k", Memory: 1 << 30},
		"modules, pattern": {Kernel: "linux-image-*", Modules: "m"},
	} {
		if err := o.complete(); !errors.Is(err, ErrBadOptions) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
