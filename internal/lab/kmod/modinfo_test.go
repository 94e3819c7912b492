package kmod

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseInfo(t *testing.T) {
	tests := []struct {
		name    string
		modinfo []string
		want    Info
	}{
		{"all", []string{
			"license=GPL", "depends=stp,llc", "name=bridge", "vermagic=6.1.0-1-amd64 SMP mod_unload",
		}, Info{Name: "bridge", Depends: []string{"stp", "llc"}, VersionMagic: "6.1.0-1-amd64 SMP mod_unload"}},
		{"no dependencies", []string{"depends=", "name=dummy"}, Info{Name: "dummy"}},
		{"no name", []string{"depends=,a,"}, Info{Depends: []string{"a"}}},
		{"an equals sign in a value", []string{"name=a=b", "no equals sign"}, Info{Name: "a=b"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseInfo(fakeModule(t, test.modinfo...))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseInfoRefuses(t *testing.T) {
	module := fakeModule(t, "name=a")
	for name, data := range map[string][]byte{
		"nothing": nil, "text": []byte("#!/bin/sh\n"), "a part": module[:80],
	} {
		if _, err := ParseInfo(data); !errors.Is(err, ErrNotModule) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseInfo(f *testing.F) {
	f.Add(fakeModule(f, "name=a", "depends=b,c"))
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := ParseInfo(data)
		if err != nil && !cmp.Equal(info, Info{}) {
			t.Errorf("error %v with value %v", err, info)
		}
	})
}
