package packages

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/barescope/barescope/internal/lab/kmod"
	"github.com/google/go-cmp/cmp"
)

var (
	testRecord = record{Name: "linux-image-1-amd64", Version: "1-1"}
	testWant   = Want{Modules: []string{"stp"}}
)

// keepTestKernel makes the directory of a kept kernel.
func keepTestKernel(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	m := manifest{
		Package: testRecord.Name, Version: testRecord.Version, Want: testWant, Digests: map[string]string{},
		Image: "vmlinuz", Config: "config", Modules: []string{"llc", "stp"},
	}
	for _, name := range []string{"vmlinuz", "config", "llc.ko", "stp.ko"} {
		if err := m.add(dir, name, []byte("contents of "+name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.write(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestLoad(t *testing.T) {
	dir := keepTestKernel(t)
	got, err := load(dir, testRecord, testWant)
	if err != nil {
		t.Fatal(err)
	}
	want := &Kernel{
		Name: testRecord.Name, Image: filepath.Join(dir, "vmlinuz"), Config: filepath.Join(dir, "config"),
		Modules: []kmod.Module{{Name: "llc", Data: []byte("contents of llc.ko")}, {Name: "stp", Data: []byte("contents of stp.ko")}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoadRefuses(t *testing.T) {
	write := func(name, data string) func(string) error {
		return func(dir string) error { return os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644) }
	}
	tests := []struct {
		name   string
		damage func(dir string) error
		record record
		want   Want
	}{
		{"another version", nil, record{Name: testRecord.Name, Version: "2"}, testWant},
		{"other modules", nil, testRecord, Want{Modules: []string{"stp", "veth"}}},
		{"no manifest", func(dir string) error { return os.Remove(filepath.Join(dir, manifestName)) }, testRecord, testWant},
		{"half a manifest", write(manifestName, `{"Package":`), testRecord, testWant},
		{"an empty manifest", write(manifestName, ""), testRecord, testWant},
		{"half an image", write("vmlinuz", "contents"), testRecord, testWant},
		{"no module", func(dir string) error { return os.Remove(filepath.Join(dir, "stp.ko")) }, testRecord, testWant},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := keepTestKernel(t)
			if test.damage != nil {
				if err := test.damage(dir); err != nil {
					t.Fatal(err)
				}
			}
			if kernel, err := load(dir, test.record, test.want); !errors.Is(err, errStale) {
				t.Errorf("%v, %v", kernel, err)
			}
		})
	}
}
