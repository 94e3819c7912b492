package tree

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const (
	// root is the top of the tree, seen from this package.
	root = "../.."
	// module is the path that imports of the tree begin with.
	module = "github.com/barescope/barescope/"
)

// source is one Go file of the tree.
type source struct {
	// name is the file's path below the top, directory its directory's.
	name, directory string
	// own are the directories of the tree that it imports, foreign the
	// packages of other modules, the standard library excepted.
	own, foreign []string
}

func (s source) isTest() bool { return strings.HasSuffix(s.name, "_test.go") }

// sources returns every Go file of the tree, whatever its build constraints.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == ".git":
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(file) != ".go":
			return nil
		}
		s, err := parseSource(file)
		all = append(all, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func parseSource(file string) (source, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		return source{}, err
	}
	name, err := filepath.Rel(root, file)
	if err != nil {
		return source{}, err
	}
	s := source{name: filepath.ToSlash(name), directory: path.Dir(filepath.ToSlash(name))}
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return source{}, err
		}
		if own, ok := strings.CutPrefix(imported, module); ok {
			s.own = append(s.own, own)
		} else if first, _, _ := strings.Cut(imported, "/"); strings.Contains(first, ".") {
			s.foreign = append(s.foreign, imported)
		}
	}
	return s, nil
}

// room returns the top-level directory that a directory lies in.
func room(directory string) string {
	first, _, _ := strings.Cut(directory, "/")
	return first
}
