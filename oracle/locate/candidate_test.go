package locate_test

import (
	"strings"
	"testing"

	"github.com/barescope/barescope/oracle/locate"
)

func TestFindBanner(t *testing.T) {
	long := "Linux version 6.1.0 " + strings.Repeat("x", 2000)
	tests := map[string]struct {
		bytes, want string
	}{
		"banner":                       {"\x00\x01" + banner + "\n\x00more", banner},
		"no newline":                   {banner + "\x00more", banner},
		"format before the banner":     {"Linux version %s (%s)\n\x00" + banner + "\n", banner},
		"format alone":                 {"Linux version %s (%s)\n\x00", ""},
		"first of two":                 {"Linux version 5.10.0 a\n" + banner + "\n", "Linux version 5.10.0 a"},
		"cut short":                    {banner, ""},
		"only its start":               {"Linux version ", ""},
		"start of its start":           {"Linux versio", ""},
		"start and newline":            {"Linux version \n", ""},
		"escape code in it":            {"Linux version 6.1.0\x1b[31m (x)\n", ""},
		"tab in it":                    {"Linux version 6.1.0\t(x)\n", ""},
		"byte that is no ASCII":        {"Linux version 6.1.0 \xff\n", ""},
		"letter in Unicode":            {"Linux version 6.1.0 ü\n", ""},
		"too long":                     {long + "\n", ""},
		"banner behind one that is":    {long + banner + "\n", banner},
		"begins inside of another one": {"Linux version Linux version 6.1.0\n", "Linux version 6.1.0"},
		"none":                         {strings.Repeat("\x00Linux", 1000), ""},
		"nothing":                      {"", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, ok := locate.FindBanner([]byte(tt.bytes))
			if got != tt.want || ok != (tt.want != "") {
				t.Errorf("FindBanner = %q, %t, want %q", got, ok, tt.want)
			}
		})
	}
}

func TestBannerAt(t *testing.T) {
	if got, ok := locate.BannerAt([]byte(banner + "\nrest")); !ok || got != banner {
		t.Errorf("BannerAt = %q, %t", got, ok)
	}
	for _, b := range []string{"", " " + banner + "\n", "Linux version x\n"} {
		if got, ok := locate.BannerAt([]byte(b)); ok || got != "" {
			t.Errorf("BannerAt(%q) = %q, %t", b, got, ok)
		}
	}
}

func FuzzFindBanner(f *testing.F) {
	f.Add([]byte(banner + "\n"))
	f.Add([]byte("Linux version %s\n" + banner))
	f.Add([]byte("Linux version Linux version 5\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, ok := locate.FindBanner(b)
		if !ok {
			if got != "" {
				t.Fatalf("no banner, but %q", got)
			}
			return
		}
		if !strings.HasPrefix(got, "Linux version ") || len(got) > 1024 || !strings.Contains(string(b), got) {
			t.Fatalf("banner %q", got)
		}
		for _, c := range []byte(got) {
			if c < ' ' || c > '~' {
				t.Fatalf("banner %q holds %#x", got, c)
			}
		}
	})
}
