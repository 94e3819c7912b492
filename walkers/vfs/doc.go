// Package vfs resolves paths as the kernel does: from a mount and a dentry up
// to a root.
//
// A path of the kernel is a [Location]: a struct mount and a dentry in it. Its
// text is found by climbing d_parent to the root of the mount, then stepping
// to where the mount is mounted, and so on, until the root that the reader has
// is met or there is nothing above.
//
// A [Tree] climbs for any number of locations at once. [Tree.Load] reads a
// level of all of them with each batch, so it takes as many dependent batches
// as the deepest path has components; afterwards [Tree.Path] and
// [Tree.DentryPath] answer without reading. Names are the target's bytes,
// nothing is escaped.
//
// Chains of a hostile target may be endless or come back to themselves: a
// Tree reads no dentry or mount twice and no more than its limits, and says
// as a doubt where a chain broke off.
package vfs
