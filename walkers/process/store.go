package process

import (
	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/object"
)

// maxObjects bounds how many structures of one type are read.
const maxObjects = 1 << 20

// store reads structures of one type, each address once.
type store struct {
	plan *object.Plan
	// objects holds nil for what is wanted and not read yet.
	objects map[oracle.Address]*object.Object
	wanted  []oracle.Address
	// before holds what was read earlier of structures that were read again.
	before map[oracle.Address]*object.Object
}

func newStore(p *object.Plan) *store {
	return &store{plan: p, objects: make(map[oracle.Address]*object.Object), before: make(map[oracle.Address]*object.Object)}
}

// knows reports whether the structure at an address was read or is wanted.
func (s *store) knows(a oracle.Address) bool {
	_, ok := s.objects[a]
	return ok
}

// want asks for a structure unless it is known or cannot be there.
func (s *store) want(a oracle.Address) {
	if plausible(a) && !s.knows(a) && len(s.objects) < maxObjects {
		s.objects[a] = nil
		s.wanted = append(s.wanted, a)
	}
}

// renew asks for a known structure again.
func (s *store) renew(a oracle.Address) {
	if o := s.objects[a]; o != nil {
		s.before[a], s.objects[a] = o, nil
		s.wanted = append(s.wanted, a)
	}
}

// need asks for a structure, and again if it is known.
func (s *store) need(a oracle.Address) {
	s.renew(a)
	s.want(a)
}

// load puts what is wanted into a batch, and returns what holds values once
// that is read.
func (s *store) load(b *object.Batch) []object.Object {
	objects := s.plan.Add(b, s.wanted)
	for i := range objects {
		s.objects[objects[i].Address] = &objects[i]
	}
	s.wanted = nil
	return objects
}

// unread stands for what was not read: it has no readable member.
var unread object.Object

// at returns what was read at an address.
func (s *store) at(a oracle.Address) *object.Object {
	if o := s.objects[a]; o != nil {
		return o
	}
	return &unread
}
