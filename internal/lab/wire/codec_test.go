package wire

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMessages(t *testing.T) {
	want := []Reply{
		{},
		{ID: 7, Output: []byte("a\nb\x00\xff\"{"), Status: 3},
		{ID: 8, Error: "no\nsuch", Pages: []PageRun{{Frame: 1 << 40, Count: 2}}},
		{ID: 9, Output: bytes.Repeat([]byte{0xff}, 100<<10)},
	}
	var line bytes.Buffer
	line.WriteString("noise of a boot loader\r\n{half a message\n\n")
	w := NewWriter(&line)
	for _, reply := range want {
		if err := w.Write(reply); err != nil {
			t.Fatal(err)
		}
	}
	r := NewReader(&line)
	for _, reply := range want {
		var got Reply
		if err := r.Read(&got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(reply, got); diff != "" {
			t.Error(diff)
		}
	}
	if err := r.Read(new(Reply)); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}

func TestTooLong(t *testing.T) {
	if err := NewWriter(io.Discard).Write(Request{Command: strings.Repeat("a", MaxMessage)}); !errors.Is(err, ErrTooLong) {
		t.Errorf("write: %v", err)
	}
	endless := io.MultiReader(strings.NewReader("{"), bytes.NewReader(make([]byte, MaxMessage)))
	if err := NewReader(endless).Read(new(Reply)); !errors.Is(err, ErrTooLong) {
		t.Errorf("read: %v", err)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("{\"id\":1}\n"))
	f.Add([]byte("{\n{}\n{\"id\":-1}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := NewReader(bytes.NewReader(data))
		for range len(data) + 1 {
			if r.Read(new(Reply)) != nil {
				return
			}
		}
		t.Error("more messages than bytes")
	})
}
