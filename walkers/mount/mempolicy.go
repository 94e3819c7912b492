package mount

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// policyModes are the names of memory policies: MPOL_* of
// include/uapi/linux/mempolicy.h.
var policyModes = []string{"default", "prefer", "bind", "interleave", "local", "prefer (many)", "weighted interleave"}

// The modes and flags that are treated in a way of their own.
const (
	policyDefault   = 0
	policyPreferred = 1
	policyLocal     = 4

	policyLocalFlag = 1 << 1
	policyBalancing = 1 << 13
	policyRelative  = 1 << 14
	policyStatic    = 1 << 15
)

// policies reads memory policies, and prints them as mpol_to_str does.
type policies struct {
	plan        *object.Plan
	mode, flags object.Member
	// nodes is a bit for each node; preferred a node alone, before 5.14.
	nodes, preferred object.Member

	wanted  []oracle.Address
	objects map[oracle.Address]*object.Object
}

// newPolicies returns one that reads nothing on a kernel without NUMA.
func newPolicies(ctx context.Context, k walkers.Kernel) (policies, error) {
	t, err := k.Type(ctx, layout.Struct, "mempolicy", "mode", "flags")
	if errors.Is(err, layout.ErrUnknownType) {
		return policies{}, nil
	}
	if err != nil {
		return policies{}, err
	}
	p := policies{plan: object.NewPlan(t), objects: make(map[oracle.Address]*object.Object)}
	p.mode, p.flags = p.plan.Member("mode"), p.plan.Member("flags")
	p.nodes, p.preferred = p.plan.FirstOf("nodes", "v.nodes"), p.plan.Optional("v.preferred_node")
	return p, p.plan.Err()
}

// want notes a policy that is to be read.
func (p *policies) want(a oracle.Address) {
	if p.plan != nil && a.IsKernel() && p.objects[a] == nil {
		p.objects[a] = &object.Object{}
		p.wanted = append(p.wanted, a)
	}
}

func (p *policies) read(b *object.Batch) {
	if len(p.wanted) == 0 {
		return
	}
	objects := p.plan.Add(b, p.wanted)
	for i, a := range p.wanted {
		p.objects[a] = &objects[i]
	}
}

// text returns the option for a policy, none for the default one, and false
// when the policy is not known.
func (p *policies) text(a oracle.Address) ([]string, bool) {
	if a == 0 {
		return nil, true
	}
	o := p.objects[a]
	if o == nil || !o.Readable() {
		return nil, false
	}
	mode, flags := o.Uint(p.mode), o.Uint(p.flags)
	nodes := o.Bytes(p.nodes)
	if mode == policyPreferred && p.preferred.Present() {
		nodes = oneNode(o.Int(p.preferred))
		if flags&policyLocalFlag != 0 {
			mode = policyLocal
		}
	}
	if mode == policyDefault {
		return nil, true
	}
	if mode >= uint64(len(policyModes)) {
		return nil, false
	}
	text := "mpol=" + policyModes[mode] + policyFlags(flags)
	if list := nodeList(nodes); list != "" && mode != policyLocal {
		text += ":" + list
	}
	return []string{text}, true
}

// policyFlags returns the flags of a policy. Static and relative exclude each
// other.
func policyFlags(flags uint64) string {
	var all []string
	if flags&policyStatic != 0 {
		all = append(all, "static")
	} else if flags&policyRelative != 0 {
		all = append(all, "relative")
	}
	if flags&policyBalancing != 0 {
		all = append(all, "balancing")
	}
	if len(all) == 0 {
		return ""
	}
	return "=" + strings.Join(all, "|")
}

// oneNode returns the set of one node.
func oneNode(node int64) []byte {
	if node < 0 || node >= 1024 {
		return nil
	}
	set := make([]byte, 128)
	set[node/8] = 1 << (node % 8)
	return set
}

// nodeList returns a set as ranges: "0-3,5".
func nodeList(set []byte) string {
	var ranges []string
	for i := 0; i < 8*len(set); i++ {
		if set[i/8]>>(i%8)&1 == 0 {
			continue
		}
		first := i
		for i+1 < 8*len(set) && set[(i+1)/8]>>((i+1)%8)&1 != 0 {
			i++
		}
		if first == i {
			ranges = append(ranges, fmt.Sprint(first))
		} else {
			ranges = append(ranges, fmt.Sprintf("%d-%d", first, i))
		}
	}
	return strings.Join(ranges, ",")
}
