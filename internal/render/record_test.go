package render

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
)

func TestRecord(t *testing.T) {
	fields := []Field{
		{"release", "6.1.0-56-amd64"},
		{"text_base", oracle.Address(0xffffffff81000000)},
		{"phys_base", int64(-4096)},
		{"boot_time", start},
		{"uptime", 90*time.Second + 500*time.Millisecond},
		{"panicked", false},
		{"ram", []string{"0x1000-0x9efff", "0x100000-0x3fffffff"}},
		{"cpus", 2},
		{"hostname", "a\x1b[2J"},
		{"build_id", nil},
	}
	for format, want := range map[Format]string{
		Aligned: `
release    6.1.0-56-amd64
text_base  0xffffffff81000000
phys_base  -4096
boot_time  2026-11-23T00:04:05Z
uptime     1m30.5s
panicked   false
ram        0x1000-0x9efff,0x100000-0x3fffffff
cpus       2
hostname   a\x1b[2J
build_id   -
`,
		JSON: `
{"release":"6.1.0-56-amd64","text_base":"0xffffffff81000000","phys_base":-4096,"boot_time":"2026-11-23T00:04:05.000000060Z","uptime":90.5,"panicked":false,"ram":["0x1000-0x9efff","0x100000-0x3fffffff"],"cpus":2,"hostname":"a\u001b[2J","build_id":null}
`,
		CSV: `
release,text_base,phys_base,boot_time,uptime,panicked,ram,cpus,hostname,build_id
6.1.0-56-amd64,0xffffffff81000000,-4096,2026-11-23T00:04:05.000000060Z,1m30.5s,false,"0x1000-0x9efff,0x100000-0x3fffffff",2,a` + "\x1b" + `[2J,
`,
	} {
		var out strings.Builder
		if err := Record(&out, fields, format); err != nil {
			t.Errorf("%v: %v", format, err)
		}
		if diff := cmp.Diff(want[1:], out.String()); diff != "" {
			t.Errorf("%v: %s", format, diff)
		}
	}
}

func TestRecordRefusesOtherTypes(t *testing.T) {
	for f := Aligned; f <= CSV; f++ {
		var out strings.Builder
		if err := Record(&out, []Field{{"good", 1}, {"odd", 1.5}}, f); err == nil || out.Len() != 0 {
			t.Errorf("%v: got %q, %v", f, out.String(), err)
		}
	}
}
