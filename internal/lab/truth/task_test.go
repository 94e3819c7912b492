package truth

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// rest is what follows the name in a line of 6.1, up to the last field.
const rest = " S 97 0 0 0 -1 4194368 2 0 0 0 0 0 0 0 25 5 3 0 531 1261568 0 18446744073709551615 0 0 0 0 0 0 0 2147483647 0 1 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n"

func TestParseStat(t *testing.T) {
	for _, comm := range []string{"user", "", " ", "a b", "(paren)", ") R 1 (", "a) Z 1 (b", "new\nline", "\xff\x1b[31m", ")))"} {
		got, err := ParseStat([]byte("132 (" + comm + ")" + rest))
		if err != nil {
			t.Errorf("%q: %v", comm, err)
			continue
		}
		want := Stat{
			PID: 132, Comm: comm, State: 'S', PPID: 97, Flags: 4194368, Nice: 5, Threads: 3, StartTime: 531,
			Fields: strings.Fields(rest),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", comm, diff)
		}
	}
}

func TestParseStatRefuses(t *testing.T) {
	for _, data := range []string{
		"", "()", "132 (a", "132 a)" + rest, "x (a)" + rest, "132 (a) S 1", "132 (a) SS" + rest[2:], strings.Replace("132 (a)"+rest, "531", "-531", 1),
	} {
		if got, err := ParseStat([]byte(data)); !errors.Is(err, ErrFormat) || !cmp.Equal(got, Stat{}) {
			t.Errorf("%q: %v, %v", data, got, err)
		}
	}
}

func TestParseTask(t *testing.T) {
	status := "Name:\tnew\\nline\nState:\tS (sleeping)\nTgid:\t7\nTracerPid:\t5\nUid:\t1000\t0\t0\t0\nGid:\t1\t2\t3\t4294967294\nNSpid:\t132\t3\t1\n"
	got, err := parseTask(&RawTask{TGID: 7, TID: 132, Stat: []byte("132 (new\nline)" + rest), Comm: []byte("new\nline\n"), Status: []byte(status)})
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "new\nline" || got.TracerPID != 5 || got.KernelThread() {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff([][4]uint32{{1000, 0, 0, 0}, {1, 2, 3, 4294967294}}, [][4]uint32{got.Users, got.Groups}); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int{132, 3, 1}, got.NSpid); diff != "" {
		t.Error(diff)
	}
	boot := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if started := got.StartTime(boot).Sub(boot); started != 5310*time.Millisecond {
		t.Error(started)
	}
	for _, bad := range []string{"Uid:\t1\t2\t3\n", "Uid:\t1\t2\t3\t-1\n", "NSpid:\tx\n"} {
		if _, err := parseTask(&RawTask{Stat: []byte("1 (a)" + rest), Status: []byte(bad)}); !errors.Is(err, ErrFormat) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("132 () R 1 ()" + rest))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := ParseStat(data); err != nil && !cmp.Equal(got, Stat{}) {
			t.Errorf("error %v with value %v", err, got)
		}
	})
}
