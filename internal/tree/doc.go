// Package tree has no code: its tests hold the source tree to its
// architecture, which docs/architecture.md explains.
package tree
