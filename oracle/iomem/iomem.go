package iomem

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/container"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/transport"
)

// ErrMalformed means that a resource tree does not hold together.
var ErrMalformed = errors.New("malformed resource tree")

const (
	// maxResources bounds a tree: the largest machines have some thousands.
	maxResources = 1 << 16
	// maxRounds bounds how far siblings and children are followed.
	maxRounds = 1 << 12
	// maxName bounds a resource's name in bytes.
	maxName = 128
)

// Resource is one node of the tree.
type Resource struct {
	// Address of the struct resource.
	Address oracle.Address
	// Start and End are its first and last byte, as /proc/iomem prints them.
	Start, End transport.Address
	// Name is empty when it could not be read.
	Name string
	// Depth is 0 for the children of the root.
	Depth int
}

// Read reads the tree below the root at an address, nodes in no particular
// order. It advances siblings and children together, a step at a time, and
// takes one dependent batch for each step that leads to a page it has not
// seen; the names take two. The error wraps [layout.ErrUnknownType] or
// [layout.ErrUnknownMember] for an unknown struct resource, [ErrMalformed] for
// a tree that loops, cannot be read, or has a range that is none or lies
// outside of the root's, and is otherwise that of ReadVirtual.
func Read(ctx context.Context, k container.Kernel, root oracle.Address) ([]Resource, error) {
	t, err := k.Type(ctx, layout.Struct, "resource", "start", "end", "sibling", "child")
	if err != nil {
		return nil, err
	}
	w := walk{plan: object.NewPlan(t), seen: map[oracle.Address]bool{root: true}}
	w.start, w.end = w.plan.Member("start"), w.plan.Member("end")
	w.name = w.plan.Member("name")
	w.child, w.sibling = w.plan.Member("child"), w.plan.Member("sibling")
	if err := w.plan.Err(); err != nil {
		return nil, err
	}
	if err := w.tree(ctx, k, root); err != nil {
		return nil, fmt.Errorf("iomem_resource at %s: %w", root, err)
	}
	return w.named(ctx, k)
}

// walk is one reading of a tree.
type walk struct {
	plan                             *object.Plan
	start, end, name, child, sibling object.Member
	seen                             map[oracle.Address]bool
	first, last                      uint64 // of the root
	found                            []Resource
	names                            []oracle.Address // of found
}

// node is a resource that is still to be read, and its depth.
type node struct {
	address oracle.Address
	depth   int
}

func (w *walk) tree(ctx context.Context, k container.Kernel, root oracle.Address) error {
	frontier := []node{{root, -1}}
	m := &pages{memory: k, held: make(map[oracle.Address][]byte)}
	for range maxRounds {
		if len(frontier) == 0 {
			return nil
		}
		addresses := make([]oracle.Address, len(frontier))
		for i, n := range frontier {
			addresses[i] = n.address
		}
		objects, err := w.plan.Read(ctx, m, addresses)
		if err != nil {
			return err
		}
		if frontier, err = w.expand(frontier, objects); err != nil {
			return err
		}
	}
	return fmt.Errorf("more than %d steps: %w", maxRounds, ErrMalformed)
}

// expand takes nodes that were read and returns those that they lead to.
func (w *walk) expand(nodes []node, objects []object.Object) ([]node, error) {
	var next []node
	for i := range objects {
		o, depth := &objects[i], nodes[i].depth
		if !o.Readable() {
			return nil, fmt.Errorf("resource at %s is %s: %w", o.Address, o.Outcome(w.start), ErrMalformed)
		}
		start, end := o.Uint(w.start), o.Uint(w.end)
		if depth < 0 {
			w.first, w.last = start, end
		} else {
			if start > end || start < w.first || end > w.last { // what __request_resource refuses
				return nil, fmt.Errorf("resource at %s is %#x-%#x: %w", o.Address, start, end, ErrMalformed)
			}
			w.found = append(w.found, Resource{
				Address: o.Address, Start: transport.Address(start), End: transport.Address(end), Depth: depth,
			})
			w.names = append(w.names, o.Pointer(w.name))
			next = append(next, node{o.Pointer(w.sibling), depth})
		}
		next = append(next, node{o.Pointer(w.child), depth + 1})
	}
	kept := next[:0]
	for _, n := range next {
		if n.address == 0 {
			continue
		}
		if w.seen[n.address] || len(w.seen) > maxResources {
			return nil, fmt.Errorf("resource at %s is reached again, or there are too many: %w", n.address, ErrMalformed)
		}
		w.seen[n.address] = true
		kept = append(kept, n)
	}
	return kept, nil
}

func (w *walk) named(ctx context.Context, k container.Kernel) ([]Resource, error) {
	texts, err := object.ReadTexts(ctx, k, w.names, maxName)
	if err != nil {
		return nil, err
	}
	for i := range w.found {
		w.found[i].Name = texts[w.names[i]].Value
	}
	return w.found, nil
}

// RAM returns the ranges that are System RAM in ascending order, hot-added
// memory included ("System RAM (kmem)").
func RAM(resources []Resource) []transport.Range {
	var ram []transport.Range
	for _, r := range resources {
		if r.Name == "System RAM" || strings.HasPrefix(r.Name, "System RAM (") {
			ram = append(ram, transport.Range{Start: r.Start, Length: uint64(r.End-r.Start) + 1})
		}
	}
	slices.SortFunc(ram, func(a, b transport.Range) int { return cmp.Compare(a.Start, b.Start) })
	return ram
}
