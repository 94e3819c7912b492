package vfs

import (
	"slices"
	"strings"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/walkers"
)

// Path is the text of a location.
type Path struct {
	// Text begins with a slash. It is empty when Doubt is set.
	Text string
	// Reachable is false when the root was not met: Text is then the path
	// from the top of the namespace, or, where the location has been moved
	// out of its mount, from the root of its file system.
	Reachable bool
	// Doubt is set when the chain broke off: it could not be read, or led
	// back to where it had been.
	Doubt walkers.Doubt
}

// climb is a path on its way up.
type climb struct {
	tree  *Tree
	at    Location
	names []string
	steps int
}

// Path returns the path of a location that was loaded, as seen by who has that
// root.
func (t *Tree) Path(at, root Location) Path {
	c := &climb{tree: t, at: at}
	for c.at != root {
		top, doubt := c.step()
		if doubt != "" {
			return Path{Doubt: doubt}
		}
		if top {
			return Path{Text: c.text()}
		}
	}
	return Path{Text: c.text(), Reachable: true}
}

// step moves up by a component or out of a mount. It reports whether there is
// nothing above.
func (c *climb) step() (top bool, doubt walkers.Doubt) {
	if c.steps++; c.steps > maxLevels {
		return false, walkers.Looped
	}
	m, ok := c.tree.mounts[c.at.Mount]
	if !ok {
		return false, walkers.Unreadable
	}
	if m.Doubt != "" {
		return false, m.Doubt
	}
	if c.at.Dentry == m.Root {
		if m.Parent == c.at.Mount {
			return true, ""
		}
		c.at = Location{Mount: m.Parent, Dentry: m.Mountpoint}
		return false, ""
	}
	return c.up()
}

// up moves to the dentry's parent and reports whether it has none.
func (c *climb) up() (top bool, doubt walkers.Doubt) {
	d, ok := c.tree.dentries[c.at.Dentry]
	switch {
	case !ok:
		return false, walkers.Unreadable
	case d.fault != "":
		return false, d.fault
	case d.parent == c.at.Dentry:
		return true, ""
	case d.nameFault != "":
		return false, d.nameFault
	}
	c.names = append(c.names, d.name)
	c.at.Dentry = d.parent
	return false, ""
}

func (c *climb) text() string {
	if len(c.names) == 0 {
		return "/"
	}
	slices.Reverse(c.names)
	return "/" + strings.Join(c.names, "/")
}

// DentryPath returns the path of a dentry that was loaded, from the root of
// its file system.
func (t *Tree) DentryPath(dentry oracle.Address) Path {
	c := &climb{tree: t, at: Location{Dentry: dentry}}
	for range maxLevels {
		top, doubt := c.up()
		if doubt != "" {
			return Path{Doubt: doubt}
		}
		if top {
			return Path{Text: c.text(), Reachable: true}
		}
	}
	return Path{Doubt: walkers.Looped}
}

// Deleted reports whether a dentry that was loaded has been unlinked, though
// somebody still holds it.
func (t *Tree) Deleted(dentry oracle.Address) bool {
	d, ok := t.dentries[dentry]
	return ok && d.fault == "" && !d.hashed && d.parent != dentry
}
