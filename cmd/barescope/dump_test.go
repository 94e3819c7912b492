package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/internal/render"
	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/dump"
)

func TestChooseRAM(t *testing.T) {
	ram := []transport.Range{{Start: 0x1000, Length: 0x9e000}, {Start: 0x100000, Length: 0x3fedf000}}
	for text, want := range map[string]bool{
		"":                              true,
		"1000-1fff":                     true,
		"0x100000-0x3ffdefff":           true,
		"100000-3ffdefff,1000-9efff":    true,
		"0-fff":                         false,
		"9e000-9f000":                   false,
		"9e000-100fff":                  false,
		"3ffde000-3ffdf000":             false,
		"1000-1fff,100000000-100000fff": false,
	} {
		var texts []string
		if text != "" {
			texts = strings.Split(text, ",")
		}
		wanted, err := parseRanges("--range", texts)
		if err != nil {
			t.Fatal(err)
		}
		got, err := chooseRAM(ram, wanted)
		if !want {
			last := wanted[len(wanted)-1].String()
			if !errors.Is(err, errUsage) || !strings.Contains(err.Error(), "--range "+last) {
				t.Errorf("%q: got %v, %v", text, got, err)
			}
			continue
		}
		if wanted == nil {
			wanted = ram
		}
		if diff := cmp.Diff(wanted, got); diff != "" || err != nil {
			t.Errorf("%q: %v\n%s", text, err, diff)
		}
	}
}

func TestReportDump(t *testing.T) {
	m := &dump.Manifest{
		Path: "host\x1b7.core", Format: dump.ELF, Ranges: []transport.Range{{Start: 0x1000, Length: 3 << 20}},
		Memory: 3 << 20, Size: 4 << 20, SHA256: "c0ffee", Unreadable: 4096, UnreadableRanges: 1,
		Listed: []string{"0x1000-0x1fff timeout"}, UnreadableFile: "host7.core.unreadable", Elapsed: 1500 * time.Millisecond,
		Machine: dump.Machine{BuildID: "cbfd", TextBase: 0xffffffff81000000},
	}
	var out bytes.Buffer
	a := &app{stdout: &out}
	if err := a.reportDump(&oracle.Identity{}, m, render.Aligned); err != nil {
		t.Fatal(err)
	}
	want := `host\x1b7.core: 3.0 MiB of memory in 1.5 s (2.0 MiB/s), 4096 bytes unreadable, sha256 c0ffee` + "\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}

	out.Reset()
	if err := a.reportDump(&oracle.Identity{Release: "6.1.0"}, m, render.JSON); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"path": m.Path, "format": "elf", "sha256": "c0ffee", "elapsed": 1.5, "rate": float64(2 << 20), "release": "6.1.0",
		"unreadable": []any{"0x1000-0x1fff timeout"}, "ranges": []any{"0x1000-0x300fff"}, "text_base": "0xffffffff81000000",
	} {
		if diff := cmp.Diff(want, got[key]); diff != "" {
			t.Errorf("%s: %s", key, diff)
		}
	}
}
