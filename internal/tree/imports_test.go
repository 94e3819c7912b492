package tree

import (
	"slices"
	"testing"
)

// rooms in the order in which they may import: each those before it.
var rooms = []string{"transport", "oracle", "walkers", "plugins", "cmd"}

func TestImportsRunOneWay(t *testing.T) {
	files := sources(t)
	if len(files) < 100 {
		t.Fatalf("only %d files found below %s", len(files), root)
	}
	for _, s := range files {
		for _, imported := range s.own {
			if problem := judge(s, imported); problem != "" {
				t.Errorf("%s imports %s: %s", s.name, imported, problem)
			}
		}
	}
}

// judge says what is wrong with an import, or nothing.
func judge(s source, imported string) string {
	from, to := room(s.directory), room(imported)
	switch {
	case to == "cmd":
		return "commands are nobody's library"
	case from == "internal" || from == "cmd":
		return ""
	case to == "internal":
		// Live tests need a target.
		if !s.isTest() {
			return "no room may depend on what is nobody else's business"
		}
	case slices.Index(rooms, from) < slices.Index(rooms, to):
		return "imports run " + from + " <- " + to + " only"
	case s.directory == from && from == to && !s.isTest():
		// A room's root that needed its parts could not be imported by
		// them.
		return "the root of a room is its contract and a leaf"
	}
	return ""
}

func TestJudge(t *testing.T) {
	tests := []struct {
		name, directory, imported string
		allowed                   bool
	}{
		{"a.go", "oracle/open", "transport/guard", true},
		{"a.go", "oracle", "transport", true},
		{"a.go", "oracle/open", "oracle", true},
		{"a.go", "cmd/barescope", "internal/lab", true},
		{"a.go", "internal/lab", "transport/adapter", true},
		{"a_test.go", "oracle/open", "internal/lab", true},
		{"a.go", "transport/open", "oracle", false},
		{"a_test.go", "transport/open", "oracle", false},
		{"a.go", "oracle/open", "walkers", false},
		{"a.go", "walkers", "plugins/host", false},
		{"a.go", "oracle", "oracle/layout", false},
		{"a.go", "oracle/open", "internal/render", false},
		{"a.go", "internal/lab", "cmd/barescope", false},
	}
	for _, tt := range tests {
		s := source{name: tt.directory + "/" + tt.name, directory: tt.directory}
		if problem := judge(s, tt.imported); (problem == "") != tt.allowed {
			t.Errorf("%s imports %s: %q", s.name, tt.imported, problem)
		}
	}
}

// light are the packages that everything else is written against. Whoever
// imports one, a plugin above all, must not get a library with it.
var light = []string{
	"transport", "transport/rangeset", "transport/tlp",
	"oracle", "oracle/layout", "oracle/object", "oracle/container",
	"walkers",
}

func TestContractsPullInNoLibrary(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range sources(t) {
		if s.isTest() || !slices.Contains(light, s.directory) {
			continue
		}
		seen[s.directory] = true
		for _, imported := range s.foreign {
			t.Errorf("%s imports %s", s.name, imported)
		}
		for _, imported := range s.own {
			if !slices.Contains(light, imported) {
				t.Errorf("%s imports %s, which may import libraries", s.name, imported)
			}
		}
	}
	for _, directory := range light {
		if !seen[directory] {
			t.Errorf("no file in %s", directory)
		}
	}
}
