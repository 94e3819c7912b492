package kmod

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

// writeTree makes a directory of modules, given by their paths and modinfo.
func writeTree(t *testing.T, modules map[string][]string) *Tree {
	t.Helper()
	dir := t.TempDir()
	for name, modinfo := range modules {
		writeFile(t, filepath.Join(dir, name), compress(t, filepath.Ext(name), fakeModule(t, modinfo...)))
	}
	writeFile(t, filepath.Join(dir, "modules.builtin"), []byte("kernel/fs/fuse/fuse.ko\nkernel/lib/crc-t10dif.ko\n"))
	tree, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func writeFile(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func compress(t *testing.T, extension string, data []byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	switch extension {
	case ".gz":
		w := gzip.NewWriter(&packed)
		_, err := w.Write(data)
		if err := errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
	case ".zst":
		encoder, err := zstd.NewWriter(nil)
		if err != nil {
			t.Fatal(err)
		}
		packed.Write(encoder.EncodeAll(data, nil))
	default:
		return data
	}
	return packed.Bytes()
}

func names(modules []Module) []string {
	var names []string
	for _, m := range modules {
		names = append(names, m.Name)
	}
	return names
}

func TestOrder(t *testing.T) {
	tree := writeTree(t, map[string][]string{
		"kernel/net/bridge/bridge.ko.zst":  {"name=bridge", "depends=stp,llc"},
		"kernel/net/802/stp.ko":            {"name=stp", "depends=llc"},
		"kernel/net/llc/llc.ko.gz":         {"name=llc", "depends="},
		"kernel/crypto/crc32c-intel.ko":    {"name=crc32c_intel", "depends=crc_t10dif"},
		"kernel/drivers/circle-a.ko":       {"depends=circle-b"},
		"kernel/drivers/circle-b.ko":       {"depends=circle_a"},
		"kernel/drivers/broken/orphan.ko":  {"depends=lost"},
		"kernel/drivers/not-a-module.text": nil,
	})
	tests := []struct {
		name   string
		wanted []string
		want   []string
		err    error
	}{
		{"dependencies first", []string{"bridge"}, []string{"llc", "stp", "bridge"}, nil},
		{"each once", []string{"llc", "bridge", "stp"}, []string{"llc", "stp", "bridge"}, nil},
		{"hyphens", []string{"crc32c-intel"}, []string{"crc32c_intel"}, nil},
		{"built in", []string{"fuse", "stp"}, []string{"llc", "stp"}, nil},
		{"a circle", []string{"circle_a"}, []string{"circle_b", "circle_a"}, nil},
		{"unknown", []string{"nothing"}, nil, ErrNoModule},
		{"unknown dependency", []string{"orphan"}, nil, ErrNoModule},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := tree.Order(test.wanted...)
			if !errors.Is(err, test.err) {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, names(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHas(t *testing.T) {
	tree := writeTree(t, map[string][]string{"kernel/a-b.ko": {"name=a_b"}})
	for name, want := range map[string]bool{"a_b": true, "a-b": true, "fuse": true, "crc_t10dif": true, "c": false} {
		if got := tree.Has(name); got != want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
