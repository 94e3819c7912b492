package open

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/nettlp"
)

func TestParseRefuses(t *testing.T) {
	for give, want := range map[string]string{
		"":                                "bad target: unknown scheme \"\" in \"\"; there are nettlp://HOST, file:///PATH and replay:///PATH",
		"ram.raw":                         "bad target: unknown scheme \"\" in \"ram.raw\"; there are nettlp://HOST, file:///PATH and replay:///PATH",
		"http://u:secret@host/":           "bad target: unknown scheme \"http\" in \"http://u:xxxxx@host/\"; there are nettlp://HOST, file:///PATH and replay:///PATH",
		"nettlp://u:secret@192.168.10.1":  "bad target: \"nettlp://u:xxxxx@192.168.10.1\" is not of the form nettlp://HOST, file:///PATH and replay:///PATH",
		"file:ram.raw":                    "bad target: \"file:ram.raw\" is not of the form nettlp://HOST, file:///PATH and replay:///PATH",
		"file:///ram#1":                   "bad target: \"file:///ram#1\" is not of the form nettlp://HOST, file:///PATH and replay:///PATH",
		"file:///ram?tags=3":              "bad target: unknown parameter \"tags\"; file:// takes format, pieces",
		"replay:///ram?format=raw":        "bad target: unknown parameter \"format\"; replay:// takes none",
		"nettlp://h?speed=9":              "bad target: unknown parameter \"speed\"; nettlp:// takes local, requester, tags, mrrs, timeout, window, retries",
		"nettlp://h?tags=1&tags=2":        "bad target: parameter \"tags\" needs one value",
		"nettlp://h?tags=":                "bad target: parameter \"tags\" needs one value",
		"nettlp://h?tags=1;mrrs=512":      "bad target: parameters of \"nettlp://h?tags=1;mrrs=512\": invalid semicolon separator in query",
		"nettlp://192.168.10.1\n/etc/pwd": "bad target: parse \"nettlp://192.168.10.1\\n/etc/pwd\": net/url: invalid control character in URL",
	} {
		if _, err := parse(give); !errors.Is(err, transport.ErrBadTarget) || err.Error() != want {
			t.Errorf("%q: error is %q, want %q", give, err, want)
		}
	}
}

func TestFile(t *testing.T) {
	for give, want := range map[string]string{
		"file:///dev/shm/ram":       "/dev/shm/ram",
		"file://localhost/ram":      "/ram",
		"file:///a%20b":             "/a b",
		"replay://session.rec":      "session.rec",
		"replay://dir/session.rec":  "dir/session.rec",
		"replay://./session.rec":    "./session.rec",
		"replay:///tmp/session.rec": "/tmp/session.rec",
		"file://":                   "",
		"file:///a%00b":             "",
	} {
		l, err := parse(give)
		if err != nil {
			t.Fatalf("%s: %v", give, err)
		}
		got, err := l.file()
		if got != want || errors.Is(err, transport.ErrBadTarget) != (want == "") {
			t.Errorf("%s: got %q, %v; want %q", give, got, err, want)
		}
	}
}

var linkCases = map[string]*nettlp.Options{
	"nettlp://192.168.10.1":  {Target: netip.MustParseAddr("192.168.10.1")},
	"nettlp://192.168.10.1/": {Target: netip.MustParseAddr("192.168.10.1")},
	"nettlp://127.0.0.2?local=127.0.0.1&requester=1b:00&tags=16&mrrs=256&timeout=250ms&window=8192&retries=2": {
		Target: netip.MustParseAddr("127.0.0.2"), Local: netip.MustParseAddr("127.0.0.1"), Requester: 0x1b00,
		Tags: 16, MRRS: 256, Timeout: 250 * time.Millisecond, Window: 8192, Retries: 2},
	"nettlp://127.0.0.2?retries=0":        {Target: netip.MustParseAddr("127.0.0.2"), Retries: -1},
	"nettlp://":                           nil,
	"nettlp://192.168.10.1:12288":         nil,
	"nettlp://[fe80::1]":                  nil,
	"nettlp://192.168.10.1/ram":           nil,
	"nettlp://192.168.10.1?local=here":    nil,
	"nettlp://192.168.10.1?requester=1b":  nil,
	"nettlp://192.168.10.1?tags=0":        nil,
	"nettlp://192.168.10.1?tags=0x20":     nil,
	"nettlp://192.168.10.1?mrrs=-512":     nil,
	"nettlp://192.168.10.1?timeout=500":   nil,
	"nettlp://192.168.10.1?timeout=-1s":   nil,
	"nettlp://192.168.10.1?window=1e4":    nil,
	"nettlp://192.168.10.1?retries=-1":    nil,
	"nettlp://192.168.10.1?retries=99999": nil,
}

func TestLink(t *testing.T) {
	for give, want := range linkCases {
		l, err := parse(give)
		if err != nil {
			t.Fatalf("%s: %v", give, err)
		}
		got, err := l.link()
		if want == nil {
			if !errors.Is(err, transport.ErrBadTarget) {
				t.Errorf("%s: got %+v, %v", give, got, err)
			}
			continue
		}
		if diff := cmp.Diff(*want, got, cmpopts.EquateComparable(netip.Addr{}), cmpopts.IgnoreFields(nettlp.Options{}, "Log")); diff != "" || err != nil {
			t.Errorf("%s: %v %s", give, err, diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	for seed := range linkCases {
		f.Add(seed)
	}
	for _, seed := range []string{"file:///ram?pieces=0:0:1&format=raw", "replay://a", "file://[::1]/x", "http://u:p@h/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, target string) {
		l, err := parse(target)
		if err != nil {
			if !errors.Is(err, transport.ErrBadTarget) || l.scheme != "" {
				t.Errorf("got %+v, %v", l, err)
			}
			return
		}
		if _, err := l.file(); err != nil && !errors.Is(err, transport.ErrBadTarget) {
			t.Error(err)
		}
		if _, err := netip.ParseAddr(l.host); err != nil {
			return // a name would be looked up
		}
		if _, err := l.link(); err != nil && !errors.Is(err, transport.ErrBadTarget) {
			t.Error(err)
		}
	})
}
