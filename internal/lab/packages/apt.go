package packages

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rs/zerolog"
)

var (
	// ErrNotFound means that no suite has a package of the name, after
	// its lists were fetched anew.
	ErrNotFound = errors.New("no such package")
	// ErrFetch means that lists or a package could not be fetched.
	ErrFetch = errors.New("cannot fetch")
)

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

// suites that are searched, each with its part of the archive. A kernel's
// package name holds its version, so it does not matter that apt prefers one
// suite to another.
var suites = []struct{ archive, suite string }{
	{"debian", "bullseye"},
	{"debian-security", "bullseye-security"},
	{"debian", "bookworm"},
	{"debian-security", "bookworm-security"},
	{"debian", "bookworm-backports"},
	{"debian", "trixie-backports"},
	{"debian", "sid"},
	{"debian", "experimental"},
}

// apt is an apt with everything of its own below one directory.
type apt struct {
	dir string
	log zerolog.Logger
}

func (a *apt) config() string { return filepath.Join(a.dir, "apt.conf") }

// configure writes the configuration. The machine's own configuration stays
// in force where this one says nothing, since a proxy may be set there. Its
// hooks do not: they clean and index the machine's own caches. Lists are
// signed, but may be older than they say they are good for: mirrors lag behind.
func (a *apt) configure() error {
	for _, sub := range []string{"lists/partial", "archives/partial"} {
		if err := os.MkdirAll(filepath.Join(a.dir, sub), 0o755); err != nil {
			return err
		}
	}
	var sources strings.Builder
	for _, s := range suites {
		fmt.Fprintf(&sources, "deb [arch=amd64 signed-by=%s] http://deb.debian.org/%s %s main\n", keyring, s.archive, s.suite)
	}
	if err := os.WriteFile(filepath.Join(a.dir, "sources.list"), []byte(sources.String()), 0o644); err != nil {
		return err
	}
	return os.WriteFile(a.config(), []byte(a.configuration()), 0o644)
}

func (a *apt) configuration() string {
	return fmt.Sprintf(`Dir::Etc::sourcelist "%[1]s/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "%[1]s";
Dir::State::lists "%[1]s/lists";
Dir::State::status "/dev/null";
Dir::Cache "%[1]s";
Dir::Cache::archives "%[1]s/archives";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
APT::Architecture "amd64";
#clear APT::Architectures;
APT::Architectures { "amd64"; };
APT::Sandbox::User "root";
APT::Get::List-Cleanup "true";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::Retries "3";
Acquire::Check-Valid-Until "false";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`, a.dir)
}

// run starts one of apt's programs and returns what it prints.
func (a *apt) run(ctx context.Context, dir, program string, arguments ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, program, append([]string{"-c", a.config()}, arguments...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", program, arguments[0], err, lastLines(stderr.String(), 4))
	}
	return output, nil
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "; ")
}

// haveLists reports whether the lists were ever fetched.
func (a *apt) haveLists() bool {
	lists, err := filepath.Glob(filepath.Join(a.dir, "lists", "*_Packages*"))
	return err == nil && len(lists) > 0
}

// update fetches the lists. A suite that cannot be had is not fatal as long
// as one can: apt says so in a warning and keeps the others.
func (a *apt) update(ctx context.Context) error {
	if _, err := os.Stat(keyring); err != nil {
		return fmt.Errorf("%w: %s is missing: install debian-archive-keyring", ErrFetch, keyring)
	}
	a.log.Info().Str("directory", a.dir).Msg("fetching the package lists")
	_, err := a.run(ctx, a.dir, "apt-get", "update", "-q")
	if err != nil && !a.haveLists() {
		return fmt.Errorf("%w: %w", ErrFetch, err)
	}
	if err != nil {
		a.log.Warn().Err(err).Msg("some package lists are missing")
	}
	return ctx.Err()
}

// names returns the names of all packages that start with prefix.
func (a *apt) names(ctx context.Context, prefix string) ([]string, error) {
	output, err := a.run(ctx, a.dir, "apt-cache", "pkgnames", prefix)
	return strings.Fields(string(output)), err
}

// record is what apt knows about one package.
type record struct {
	Name, Version string
	// Depends names the first of the alternatives of each dependency.
	Depends []string
}

// show returns the record of the package that would be downloaded, or an
// error wrapping ErrNotFound.
func (a *apt) show(ctx context.Context, name string) (record, error) {
	output, err := a.run(ctx, a.dir, "apt-cache", "show", "--no-all-versions", name)
	if ctx.Err() != nil {
		return record{}, ctx.Err()
	}
	r := parseRecord(string(output))
	if err != nil || r.Name != name || r.Version == "" {
		return record{}, fmt.Errorf("%w: %s", ErrNotFound, name)
	}
	return r, nil
}

func parseRecord(text string) record {
	var r record
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch key {
		case "Package":
			r.Name = value
		case "Version":
			r.Version = value
		case "Depends":
			r.Depends = parseDepends(value)
		case "":
			return r
		}
	}
	return r
}

func parseDepends(value string) []string {
	var names []string
	for dependency := range strings.SplitSeq(value, ",") {
		name, _, _ := strings.Cut(strings.TrimSpace(dependency), " ")
		if name, _, _ = strings.Cut(name, "|"); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// download fetches a package into dir and returns the path of the archive.
// apt has checked it against the signed lists.
func (a *apt) download(ctx context.Context, r record, dir string) (string, error) {
	a.log.Info().Str("package", r.Name).Str("version", r.Version).Msg("downloading")
	if _, err := a.run(ctx, dir, "apt-get", "download", "-q", r.Name+"="+r.Version); err != nil {
		return "", fmt.Errorf("%w: %w", ErrFetch, err)
	}
	found, err := filepath.Glob(filepath.Join(dir, r.Name+"_*.deb"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("%w: apt-get download %s left %d archives", ErrFetch, r.Name, len(found))
	}
	return found[0], nil
}
