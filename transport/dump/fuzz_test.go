package dump

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func FuzzParseJournal(f *testing.F) {
	f.Add([]byte(`{"version":1,"sessions":1,"hash":"c2hhAw=="}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, text []byte) {
		j, hash, err := parseJournal(bytes.NewReader(text))
		if (j == nil) != (err != nil) || (hash == nil) != (err != nil) {
			t.Fatalf("got %v, %v and %v", j, hash, err)
		}
		if err != nil && !errors.Is(err, ErrBadJournal) {
			t.Fatal(err)
		}
		if err == nil && (j.Offset > j.Size || j.Size > maxSize) {
			t.Fatalf("offset %d of %d", j.Offset, j.Size)
		}
	})
}

// FuzzResume goes on with a dump from any journal whatever: it is refused, or
// comes to an end.
func FuzzResume(f *testing.F) {
	f.Add(uint64(0), uint64(0), int64(0), uint64(0))
	f.Add(uint64(32), uint64(32), int64(0), uint64(4096))
	f.Add(uint64(0x1000), uint64(1), int64(77), uint64(1<<63))
	f.Fuzz(func(t *testing.T, offset, stored uint64, size int64, unreadable uint64) {
		path := filepath.Join(t.TempDir(), "dump")
		o := what(LiME, &machine{})
		if err := o.complete(); err != nil {
			t.Fatal(err)
		}
		l, err := newLayout(o.Format, o.Ranges, o.Core)
		if err != nil {
			t.Fatal(err)
		}
		d, err := create(names{path}, &o, l)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.mark(); err != nil {
			t.Fatal(err)
		}
		j := &d.journal
		j.Offset, j.Stored, j.Elapsed, j.Sessions = offset, stored, 1, 1
		j.Unreadable = listState{Size: size, Bytes: unreadable}
		if err := errors.Join(j.save(path+".journal"), d.close()); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{path + ".partial", path + ".unreadable"} {
			if err := os.Truncate(name, 1<<16); err != nil {
				t.Fatal(err)
			}
		}
		o.Resume = true
		m, err := Write(t.Context(), path, o)
		if err == nil && m.Memory != 0x9ec00+0x120000 {
			t.Errorf("%d bytes of memory", m.Memory)
		}
	})
}

func FuzzListed(f *testing.F) {
	f.Add([]byte(`{"start":"0x1000","end":"0x1fff","outcome":"timeout"}` + "\n"))
	f.Add([]byte("{}\n{"))
	f.Fuzz(func(t *testing.T, text []byte) {
		lines, err := listed(bytes.NewReader(text), 3)
		if err != nil && lines != nil || len(lines) > 3 {
			t.Fatalf("got %v and %v", lines, err)
		}
	})
}
