package open

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/barescope/barescope/transport"
)

// location is a target's URL, taken apart and checked against what its scheme
// takes.
type location struct {
	scheme     string
	host, path string
	parameters url.Values
}

// schemes lists the parameters that each scheme takes.
var schemes = map[string][]string{
	"nettlp": {"local", "requester", "tags", "mrrs", "timeout", "window", "retries"},
	"file":   {"format", "pieces"},
	"replay": nil,
}

// usage shows the forms that a URL can have.
const usage = "nettlp://HOST, file:///PATH and replay:///PATH"

// parse takes a URL apart. The error wraps [transport.ErrBadTarget] and lists
// what there is.
func parse(target string) (location, error) {
	u, err := url.Parse(target)
	if err != nil {
		return location{}, fmt.Errorf("%w: %w", transport.ErrBadTarget, err)
	}
	known, ok := schemes[u.Scheme]
	switch {
	case !ok:
		return location{}, fmt.Errorf("%w: unknown scheme %q in %q; there are %s", transport.ErrBadTarget,
			u.Scheme, u.Redacted(), usage)
	case u.User != nil || u.Fragment != "" || u.Opaque != "":
		return location{}, fmt.Errorf("%w: %q is not of the form %s", transport.ErrBadTarget, u.Redacted(), usage)
	}
	parameters, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return location{}, fmt.Errorf("%w: parameters of %q: %w", transport.ErrBadTarget, u.Redacted(), err)
	}
	for name, values := range parameters {
		if !slices.Contains(known, name) {
			return location{}, fmt.Errorf("%w: unknown parameter %q; %s:// takes %s", transport.ErrBadTarget,
				name, u.Scheme, listed(known))
		}
		if len(values) != 1 || values[0] == "" {
			return location{}, fmt.Errorf("%w: parameter %q needs one value", transport.ErrBadTarget, name)
		}
	}
	return location{scheme: u.Scheme, host: u.Host, path: u.Path, parameters: parameters}, nil
}

// file returns the path that a location names. What stands where a URL has
// its host is the start of a relative path: replay://session.rec.
func (l location) file() (string, error) {
	path := l.path
	if l.host != "localhost" {
		path = l.host + path
	}
	if path == "" || strings.ContainsRune(path, 0) {
		return "", fmt.Errorf("%w: %s:// needs the path of a file", transport.ErrBadTarget, l.scheme)
	}
	return path, nil
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
