package packages

import (
	"path"
	"slices"
	"strings"
)

// isGlob reports whether a package is given as a pattern.
func isGlob(name string) bool { return strings.Contains(name, "*") }

// globPrefix returns what comes before the first asterisk.
func globPrefix(glob string) string {
	prefix, _, _ := strings.Cut(glob, "*")
	return prefix
}

// matches reports whether a package name fits a pattern in which an asterisk
// stands for any characters but a hyphen. Hyphens separate the version from
// the flavour, so linux-image-6.1.0-*-amd64 takes neither the cloud nor the
// rt kernel, and no -dbg or -unsigned package.
func matches(glob, name string) bool {
	// path.Match keeps an asterisk from crossing a slash.
	slashed := strings.NewReplacer("-", "/")
	ok, err := path.Match(slashed.Replace(glob), slashed.Replace(name))
	return err == nil && ok
}

// newest returns the name with the highest version among those that fit, or
// "" when none does.
func newest(glob string, names []string) string {
	var fitting []string
	for _, name := range names {
		if matches(glob, name) {
			fitting = append(fitting, name)
		}
	}
	if len(fitting) == 0 {
		return ""
	}
	return slices.MaxFunc(fitting, compareVersions)
}
