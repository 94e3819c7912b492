package truth

import (
	"errors"
	"testing"
	"time"

	"github.com/barescope/barescope/transport"
	"github.com/google/go-cmp/cmp"
)

func TestParseModules(t *testing.T) {
	const text = `llc 16384 2 bridge,stp, Live 0xffffffffc0610000
dummy 16384 0 - Live 0xffffffffc05f8000
odd 4096 -1 [permanent], Unloading 0x0000000000000000 (OE-)
`
	want := []Module{
		{Name: "llc", Size: 16384, RefCount: 2, UsedBy: []string{"bridge", "stp"}, State: "Live", Base: 0xffffffffc0610000},
		{Name: "dummy", Size: 16384, State: "Live", Base: 0xffffffffc05f8000},
		{Name: "odd", Size: 4096, RefCount: -1, UsedBy: []string{"[permanent]"}, State: "Unloading", Taints: "OE-"},
	}
	got, err := ParseModules([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"\n", "a 1 2 - Live\n", "a x 2 - Live 0x0\n", "a 1 2 - Live zero\n"} {
		if got, err := ParseModules([]byte(bad)); !errors.Is(err, ErrFormat) || got != nil {
			t.Errorf("%q: %v, %v", bad, got, err)
		}
	}
}

const iomem = `00000000-00000fff : Reserved
00001000-0009fbff : System RAM
00100000-7fffffff : System RAM
  2a200000-2b001d31 : Kernel code
b0000000-bfffffff : PCI MMCONFIG 0000 [bus 00-ff]
100000000-1bfffffff : System RAM
`

func TestParseIOMem(t *testing.T) {
	got, err := ParseIOMem([]byte(iomem))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Resource{Start: 0x2a200000, End: 0x2b001d31, Depth: 1, Name: "Kernel code"}); got[3] != want {
		t.Errorf("%+v", got[3])
	}
	want := []transport.Range{
		{Start: 0x1000, Length: 0x9ec00}, {Start: 0x100000, Length: 0x7ff00000}, {Start: 1 << 32, Length: 3 << 30},
	}
	if diff := cmp.Diff(want, (&Snapshot{Resources: got}).SystemRAM()); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"\n", "1-2\n", "1 : a\n", "g-2 : a\n", "1-g : a\n"} {
		if got, err := ParseIOMem([]byte(bad)); !errors.Is(err, ErrFormat) || got != nil {
			t.Errorf("%q: %v, %v", bad, got, err)
		}
	}
}

func TestParse(t *testing.T) {
	raw := &Raw{
		Collector: 9, IOMem: []byte(iomem), Stat: []byte("btime 1700000000\n"), Release: "6.1.0",
		Tasks: []RawTask{
			{TGID: 7, TID: 7, Stat: []byte("7 (a)" + rest), Comm: []byte("a\n")},
			{TGID: 7, TID: 8, Stat: []byte("8 (b)" + rest), Comm: []byte("b\n")},
		},
		Namespaces: []RawNamespace{{Inode: 1, PID: 7, MountInfo: []byte("1 1 0:2 / / rw - rootfs rootfs rw\n")}},
	}
	got, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Tasks) != 2 || len(got.Processes()) != 1 || len(got.Namespaces[0].Mounts) != 1 || !got.BootTime.Equal(time.Unix(1700000000, 0)) {
		t.Errorf("%+v", got)
	}
	raw.Stat = []byte("btime soon\n")
	if _, err := Parse(raw); !errors.Is(err, ErrFormat) {
		t.Error(err)
	}
}

func FuzzParseModules(f *testing.F) {
	f.Add([]byte("odd 4096 -1 [permanent], Unloading 0x0 (OE-)\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := ParseModules(data); err != nil && got != nil {
			t.Errorf("error %v with value %v", err, got)
		}
	})
}

func FuzzParseIOMem(f *testing.F) {
	f.Add([]byte(iomem))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := ParseIOMem(data); err != nil && got != nil {
			t.Errorf("error %v with value %v", err, got)
		}
	})
}
