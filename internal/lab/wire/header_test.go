package wire

import (
	"bytes"
	"errors"
	"testing"
)

func TestSnapshot(t *testing.T) {
	for _, snapshot := range []string{"", "a", "contents of files"} {
		buffer := make([]byte, HeaderSize+len(snapshot)+100)
		PutHeader(buffer, []byte(snapshot))
		copy(buffer[HeaderSize:], snapshot)
		got, err := Snapshot(buffer)
		if err != nil || string(got) != snapshot {
			t.Errorf("%q: %q, %v", snapshot, got, err)
		}
	}
}

func TestSnapshotRefuses(t *testing.T) {
	sound := make([]byte, 64)
	PutHeader(sound, []byte("abc"))
	copy(sound[HeaderSize:], "abc")
	damage := func(at int) []byte {
		damaged := bytes.Clone(sound)
		damaged[at] ^= 0x80
		return damaged
	}
	for name, buffer := range map[string][]byte{
		"nothing": nil, "a part": sound[:HeaderSize-1], "zeros": make([]byte, 64),
		"other magic": damage(0), "other sum": damage(4), "too long": damage(15), "other contents": damage(HeaderSize),
	} {
		if got, err := Snapshot(buffer); !errors.Is(err, ErrNoSnapshot) || got != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
