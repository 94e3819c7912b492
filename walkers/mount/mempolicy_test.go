package mount

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/object"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

func TestPoliciesText(t *testing.T) {
	modern := wt.Struct("mempolicy", wt.Member("mode", wt.Short), wt.Member("flags", wt.Short), wt.Member("nodes", wt.Array(2, wt.Long)))
	old := wt.Struct("mempolicy", wt.Member("mode", wt.Short), wt.Member("flags", wt.Short),
		wt.Member("v", wt.Union("", wt.Member("preferred_node", wt.Short), wt.Member("nodes", wt.Array(2, wt.Long)))))
	type policy struct {
		name   string
		old    bool
		values wt.Values
		want   []string
		known  bool
	}
	tests := []policy{
		{"default", false, wt.Values{"mode": 0}, nil, true},
		{"preferred", false, wt.Values{"mode": 1, "nodes[0]": 1}, []string{"mpol=prefer:0"}, true},
		{"relative and balancing", false, wt.Values{"mode": 2, "flags": 1<<14 | 1<<13, "nodes[1]": 3},
			[]string{"mpol=bind=relative|balancing:64-65"}, true},
		{"local", false, wt.Values{"mode": 4, "nodes[0]": 1}, []string{"mpol=local"}, true},
		{"weighted", false, wt.Values{"mode": 6, "nodes[0]": 7}, []string{"mpol=weighted interleave:0-2"}, true},
		{"of the future", false, wt.Values{"mode": 99}, nil, false},
		{"old preferred", true, wt.Values{"mode": 1, "v.preferred_node": 3}, []string{"mpol=prefer:3"}, true},
		{"old local", true, wt.Values{"mode": 1, "flags": 2}, []string{"mpol=local"}, true},
		{"old interleave", true, wt.Values{"mode": 3, "v.nodes[0]": 5}, []string{"mpol=interleave:0,2"}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			k, typ := wt.New(t), modern
			if test.old {
				typ = old
			}
			k.Define(typ)
			p, err := newPolicies(t.Context(), k)
			if err != nil {
				t.Fatal(err)
			}
			a := k.Place(typ, test.values)
			p.want(a)
			b := object.NewBatch()
			p.read(b)
			if err := b.Read(t.Context(), k); err != nil {
				t.Fatal(err)
			}
			got, known := p.text(a)
			if diff := cmp.Diff(test.want, got); diff != "" || known != test.known {
				t.Errorf("known %v, text (-want +got):\n%s", known, diff)
			}
		})
	}
}

// Without NUMA there is no policy to read.
func TestPoliciesWithoutNUMA(t *testing.T) {
	p, err := newPolicies(t.Context(), wt.New(t))
	if err != nil {
		t.Fatal(err)
	}
	p.want(wrong)
	for a, want := range map[oracle.Address]bool{0: true, wrong: false} {
		if text, known := p.text(a); known != want || text != nil {
			t.Errorf("at %s: %q, known %v", a, text, known)
		}
	}
}
