package packages

import "testing"

func TestCompareVersions(t *testing.T) {
	ascending := []string{
		"~~", "~", "", "1.0~rc1", "1.0", "1.0+b1", "1.0.1", "1.2", "1.10", "1.10-1~bpo12+1", "1.10-1", "2",
		"6.1.0-9", "6.1.0-10", "6.1.0-32", "6.12.9+deb12", "6.12.90+deb12", "6.12.90+deb12.1", "6.12.117+deb12", "6.12.117+deb13",
	}
	for i, a := range ascending {
		for j, b := range ascending {
			if got := compareVersions(a, b); sign(got) != sign(i-j) {
				t.Errorf("%q, %q: %d", a, b, got)
			}
		}
	}
	if got := compareVersions("1.007", "1.7"); got != 0 {
		t.Errorf("leading zeros: %d", got)
	}
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}
