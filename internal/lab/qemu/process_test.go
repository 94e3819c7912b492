package qemu

import (
	"os"
	"path/filepath"
	"testing"
)

func TestProcess(t *testing.T) {
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	p, err := startProcess("/bin/sh", []string{"-c", "echo heard; exec cat"}, nil, log)
	if err != nil {
		t.Fatal(err)
	}
	p.kill()
	p.kill()
	if _, err := startProcess("/no/such/program", nil, nil, log); err == nil {
		t.Error("started nothing")
	}
}

func TestTail(t *testing.T) {
	for n, want := range map[int]string{1: "c", 2: "b\nc", 9: "a\nb\nc"} {
		if got := tail("a\r\nb\r\nc\r\n", n); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}
