package dump

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/barescope/barescope/transport"
)

// TestResumeRefused tries to go on with what is not the same.
func TestResumeRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dump")
	_ = interrupt(t, path, what(ELF, nil), 6)
	for name, tt := range map[string]struct {
		change func(*Options)
		want   error
	}{
		"not asked to":   {func(o *Options) { o.Resume = false }, ErrExists},
		"other format":   {func(o *Options) { o.Format = LiME }, ErrOtherDump},
		"other ranges":   {func(o *Options) { o.Ranges = some[:2] }, ErrOtherDump},
		"longer notes":   {func(o *Options) { o.Core.VMCoreInfo = make([]byte, 5000) }, ErrOtherDump},
		"other kernel":   {func(o *Options) { o.Machine.BuildID = "00" }, ErrOtherBoot},
		"other boot":     {func(o *Options) { o.Machine.Booted = o.Machine.Booted.Add(time.Minute) }, ErrOtherBoot},
		"earlier boot":   {func(o *Options) { o.Machine.Booted = o.Machine.Booted.Add(-time.Minute) }, ErrOtherBoot},
		"other place":    {func(o *Options) { o.Machine.TextPhys += 2 << 20 }, ErrOtherBoot},
		"other address":  {func(o *Options) { o.Machine.TextBase += 2 << 20 }, ErrOtherBoot},
		"cannot be done": {func(o *Options) { o.Core.VMCoreInfo = nil }, ErrBadOptions},
	} {
		o := what(ELF, &machine{})
		o.Resume = true
		tt.change(&o)
		if _, err := Write(t.Context(), path, o); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
	o := what(ELF, &machine{})
	o.Resume = true
	mustWrite(t, path, o) // none of them has done any harm
	if _, err := Write(t.Context(), path, o); !errors.Is(err, ErrExists) || !strings.Contains(err.Error(), "complete") {
		t.Errorf("resumed a complete dump: %v", err)
	}
}

func TestNothingToResume(t *testing.T) {
	o := what(Raw, &machine{})
	o.Resume = true
	if _, err := Write(t.Context(), filepath.Join(t.TempDir(), "dump"), o); !errors.Is(err, ErrNothingToResume) {
		t.Errorf("got %v", err)
	}
}

// TestNothingOverwritten has a file in the way.
func TestNothingOverwritten(t *testing.T) {
	for _, suffix := range []string{"", ".partial", ".journal", ".unreadable"} {
		path := filepath.Join(t.TempDir(), "dump")
		if err := os.WriteFile(path+suffix, []byte("evidence"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Write(t.Context(), path, what(Raw, &machine{}))
		if !errors.Is(err, ErrExists) || !strings.Contains(err.Error(), path+suffix) {
			t.Errorf("%q: got %v", suffix, err)
		}
		if got := string(contentOf(t, path+suffix)); got != "evidence" {
			t.Errorf("%q is overwritten with %q", suffix, got)
		}
	}
}

// TestAppearsMeanwhile lets a file of the dump's name appear while it runs.
func TestAppearsMeanwhile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dump")
	m := &machine{before: func(batch int) error {
		if batch == 5 {
			return os.WriteFile(path, []byte("evidence"), 0o600)
		}
		return nil
	}}
	o := what(Raw, m)
	_, err := Write(t.Context(), path, o)
	var incomplete *IncompleteError
	if !errors.As(err, &incomplete) || !errors.Is(err, ErrExists) || incomplete.Done != incomplete.Total {
		t.Errorf("got %v", err)
	}
	if got := string(contentOf(t, path)); got != "evidence" {
		t.Errorf("overwritten with %q", got)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	o.Memory, o.Resume = &machine{before: func(int) error { return transport.ErrNoLink }}, true
	compareDumps(t, write(t, what(Raw, &machine{})), mustWrite(t, path, o), 2)
}

// TestInUse has two at the same dump.
func TestInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dump")
	o := what(Raw, nil)
	second := o
	second.Memory, second.Resume = &machine{}, true
	var err error
	o.Memory = &machine{before: func(batch int) error {
		if batch == 5 {
			_, err = Write(t.Context(), path, second)
		}
		return nil
	}}
	mustWrite(t, path, o)
	if err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("got %v", err)
	}
}

// TestDamaged resumes from damaged files.
func TestDamaged(t *testing.T) {
	for name, damage := range map[string]func(path string) error{
		"empty journal":  func(p string) error { return os.Truncate(p+".journal", 0) },
		"short journal":  func(p string) error { return os.Truncate(p+".journal", 100) },
		"short file":     func(p string) error { return os.Truncate(p+".partial", 4096) },
		"short list":     func(p string) error { return os.Truncate(p+".unreadable", 1) },
		"other hash":     replace(`"hash":"`, `"hash":"AAAA`),
		"no hash":        replace(`"hash":`, `"hush":`),
		"other version":  replace(`"version":1`, `"version":2`),
		"beyond the end": replace(`"offset":`, `"offset":9`),
	} {
		path := filepath.Join(t.TempDir(), "dump")
		o := what(LiME, nil)
		_ = interrupt(t, path, o, 20)
		if err := damage(path); err != nil {
			t.Fatal(err)
		}
		o.Memory, o.Resume = &machine{}, true
		if _, err := Write(t.Context(), path, o); !errors.Is(err, ErrBadJournal) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// replace returns a function that changes a journal.
func replace(before, after string) func(string) error {
	return func(path string) error {
		text, err := os.ReadFile(path + ".journal")
		if err != nil {
			return err
		}
		return os.WriteFile(path+".journal", []byte(strings.Replace(string(text), before, after, 1)), 0o600)
	}
}
