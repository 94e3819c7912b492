package tree

import (
	"bufio"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// top is all that may lie at the top of the tree.
var top = []string{
	"transport", "oracle", "walkers", "plugins", "cmd", "internal", "docs",
	".ci", ".gitignore", ".golangci.yml", "LICENSE", "Makefile", "README.md", "go.mod", "go.sum",
}

func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	ignored := ignoredAtTop(t)
	for _, e := range entries {
		if name := e.Name(); name != ".git" && !slices.Contains(top, name) && !matchesAny(t, ignored, name) {
			t.Errorf("%s does not belong at the top of the tree", name)
		}
	}
}

// ignoredAtTop returns the patterns of .gitignore: what builds leave behind.
func ignoredAtTop(t *testing.T) []string {
	t.Helper()
	file, err := os.Open(filepath.Join(root, ".gitignore"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var patterns []string
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if pattern := strings.Trim(lines.Text(), "/ "); pattern != "" && !strings.HasPrefix(pattern, "#") {
			patterns = append(patterns, pattern)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return patterns
}

func matchesAny(t *testing.T, patterns []string, name string) bool {
	t.Helper()
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		ok, err := path.Match(pattern, name)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	})
}
