package packages

import "testing"

func TestNewest(t *testing.T) {
	names := []string{
		"linux-image-6.1.0-9-amd64", "linux-image-6.1.0-56-amd64", "linux-image-6.1.0-57-amd64-dbg",
		"linux-image-6.1.0-58-amd64-unsigned", "linux-image-6.1.0-59-cloud-amd64", "linux-image-6.1.0-60-rt-amd64",
		"linux-image-6.12-amd64", "linux-image-6.12.9+deb12-amd64", "linux-image-6.12.117+deb12-amd64",
		"linux-image-6.12.118+deb13-amd64", "linux-image-6.12.119+deb12-cloud-amd64",
		"linux-image-7.2.13+deb14-amd64", "linux-image-7.10.1+deb14-amd64",
	}
	for glob, want := range map[string]string{
		"linux-image-6.1.0-*-amd64":        "linux-image-6.1.0-56-amd64",
		"linux-image-6.1.0-*-cloud-amd64":  "linux-image-6.1.0-59-cloud-amd64",
		"linux-image-6.1.0-*-amd64-dbg":    "linux-image-6.1.0-57-amd64-dbg",
		"linux-image-6.12.*-amd64":         "linux-image-6.12.118+deb13-amd64",
		"linux-image-6.12.*+deb12-amd64":   "linux-image-6.12.117+deb12-amd64",
		"linux-image-7.*-amd64":            "linux-image-7.10.1+deb14-amd64",
		"linux-image-8.*-amd64":            "",
		"linux-image-[":                    "",
		"linux-image-6.12.117+deb12-amd64": "linux-image-6.12.117+deb12-amd64",
	} {
		if got := newest(glob, names); got != want {
			t.Errorf("%s: %q, want %q", glob, got, want)
		}
	}
}

func TestGlobPrefix(t *testing.T) {
	if got := globPrefix("linux-image-6.1.0-*-*"); got != "linux-image-6.1.0-" {
		t.Error(got)
	}
}
