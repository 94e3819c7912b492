package btf

import (
	"bytes"
	"errors"
	"fmt"
	"sync"

	cilium "github.com/cilium/ebpf/btf"

	"github.com/barescope/barescope/oracle/layout"
)

// Types holds the types of one kernel. It implements layout.Types and is safe
// for use by several goroutines at once.
type Types struct {
	mu        sync.Mutex
	spec      *cilium.Spec
	extent    extent
	converted map[conversion]*layout.Type
}

var _ layout.Types = (*Types)(nil)

// Parse reads a raw blob of BTF, which may be followed by other bytes. It
// returns an error wrapping layout.ErrMalformed when the blob is none, is cut
// off, or contradicts itself. The blob is copied.
func Parse(blob []byte) (*Types, error) { return newTypes(blob, nil, extent{kinds: []uint8{0}}) }

// ParseSplit reads the blob of a module, which continues that of the kernel it
// was built for and refers to its types. Nothing in the blob says which kernel
// that was: the caller has to know. The error is that of [Parse].
//
// What it returns has the module's own types alone.
func (t *Types) ParseSplit(blob []byte) (*Types, error) { return newTypes(blob, t.spec, t.extent) }

func newTypes(blob []byte, base *cilium.Spec, e extent) (*Types, error) {
	h, err := parseHeader(blob)
	if err != nil {
		return nil, err
	}
	if uint64(len(blob)) < h.size() {
		return nil, malformed("BTF has %d of %d bytes", len(blob), h.size())
	}
	body := blob[h.length:h.size()]
	e, err = check(body[h.typeOffset:][:h.typeSize], body[h.textOffset:][:h.textSize], e)
	if err != nil {
		return nil, err
	}
	spec, err := load(blob[:h.size()], base)
	if err != nil {
		return nil, err
	}
	return &Types{spec: spec, extent: e, converted: make(map[conversion]*layout.Type)}, nil
}

// Lookup implements layout.Types. The kinds that have names are Int, Enum,
// Float, Struct, Union and Typedef; a mere forward is not found.
//
// A type that is there but malformed is passed over; if no other fits, the
// error wraps layout.ErrMalformed as well as layout.ErrUnknownType.
func (t *Types) Lookup(kind layout.Kind, name string, members ...string) (*layout.Type, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var problems []error
	candidates, err := t.named(name)
	if err != nil {
		problems = append(problems, err)
	}
	for _, c := range candidates {
		// The library also finds names that differ in what follows "___".
		if k, ok := kindOf(c); !ok || k != kind || c.TypeName() != name {
			continue
		}
		typ, err := t.convert(conversion{typ: c}, 0)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		if hasAll(typ, members) {
			return typ, nil
		}
	}
	err = fmt.Errorf("%s %s: %w", kind, name, layout.ErrUnknownType)
	if len(members) > 0 {
		err = fmt.Errorf("%s %s with members %q: %w", kind, name, members, layout.ErrUnknownType)
	}
	return nil, errors.Join(append([]error{err}, problems...)...)
}

func hasAll(t *layout.Type, members []string) bool {
	for _, m := range members {
		if !t.Has(m) {
			return false
		}
	}
	return true
}

// kindOf returns the kind of a type, if it is one that can be looked up.
func kindOf(t cilium.Type) (kind layout.Kind, ok bool) {
	switch t.(type) {
	case *cilium.Int:
		return layout.Int, true
	case *cilium.Enum:
		return layout.Enum, true
	case *cilium.Float:
		return layout.Float, true
	case *cilium.Struct:
		return layout.Struct, true
	case *cilium.Union:
		return layout.Union, true
	case *cilium.Typedef:
		return layout.Typedef, true
	}
	return 0, false
}

// named returns the types of a name in the order of their IDs. That there is
// none is no error.
func (t *Types) named(name string) (types []cilium.Type, err error) {
	defer recovered(&err)
	if name == "" {
		return nil, nil
	}
	types, err = t.spec.AnyTypesByName(name)
	if errors.Is(err, cilium.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, malformed("decode BTF: %v", err)
	}
	return types, nil
}

func load(blob []byte, base *cilium.Spec) (spec *cilium.Spec, err error) {
	defer recovered(&err)
	// Split BTF without a base is a plain blob: unlike LoadSpecFromReader
	// this does not look for an ELF file first.
	spec, err = cilium.LoadSplitSpecFromReader(bytes.NewReader(blob), base)
	if err != nil {
		return nil, malformed("load BTF: %v", err)
	}
	return spec, nil
}

// recovered turns a panic of the library into an error: what it decodes was
// written by the target.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = malformed("decode BTF: %v", r)
	}
}
