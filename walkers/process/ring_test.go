package process

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/walkers"
)

// node returns the address of the i-th node of a test; 0 is the head.
func node(i int) oracle.Address { return 0xffff888000000000 + oracle.Address(16*i) }

// loop links nodes 0 to n-1 into a ring.
func loop(n int) map[oracle.Address]links {
	nodes := make(map[oracle.Address]links)
	for i := range n {
		nodes[node(i)] = links{node((i + 1) % n), node((i + n - 1) % n)}
	}
	return nodes
}

func TestFollow(t *testing.T) {
	tests := []struct {
		name    string
		damage  func(nodes map[oracle.Address]links)
		members []int
		breaks  map[int]walkers.Doubt
		fault   walkers.Doubt
	}{
		{"whole", func(map[oracle.Address]links) {}, []int{1, 2, 3, 4}, nil, ""},
		{"empty", func(n map[oracle.Address]links) { n[node(0)] = links{node(0), node(0)} }, nil, nil, ""},
		{"one is unlinked", func(n map[oracle.Address]links) {
			n[node(1)] = links{node(3), node(0)}
			n[node(3)] = links{node(4), node(1)}
		}, []int{1, 3, 4}, nil, ""},
		{"one is unlinked along next only", func(n map[oracle.Address]links) { n[node(1)] = links{node(3), node(0)} },
			[]int{1, 3, 4}, map[int]walkers.Doubt{1: walkers.Torn, 3: walkers.Torn}, ""},
		{"wild pointer", func(n map[oracle.Address]links) { n[node(2)] = links{0xdead000000000100, node(1)} },
			[]int{1, 2, 3, 4}, map[int]walkers.Doubt{2: walkers.Corrupt, 3: walkers.Corrupt}, walkers.Corrupt},
		{"node is missing", func(n map[oracle.Address]links) { delete(n, node(2)) },
			[]int{1, 3, 4}, map[int]walkers.Doubt{1: walkers.Unreadable, 3: walkers.Unreadable}, walkers.Unreadable},
		{"leads back", func(n map[oracle.Address]links) { n[node(3)] = links{node(1), node(2)} },
			[]int{1, 2, 3, 4}, map[int]walkers.Doubt{3: walkers.Looped, 4: walkers.Looped}, walkers.Looped},
		{"leads to itself", func(n map[oracle.Address]links) { n[node(1)] = links{node(1), node(0)} },
			[]int{1, 2, 3, 4}, map[int]walkers.Doubt{1: walkers.Looped, 2: walkers.Looped}, walkers.Looped},
		{"head is wild", func(n map[oracle.Address]links) { n[node(0)] = links{5, node(4)} },
			[]int{1, 2, 3, 4}, map[int]walkers.Doubt{0: walkers.Corrupt, 1: walkers.Corrupt}, walkers.Corrupt},
		{"head is missing", func(n map[oracle.Address]links) { delete(n, node(0)) },
			nil, map[int]walkers.Doubt{0: walkers.Unreadable}, walkers.Unreadable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			nodes := loop(5)
			test.damage(nodes)
			r := follow(node(0), nodes)
			var members []oracle.Address
			for _, i := range test.members {
				members = append(members, node(i))
			}
			if diff := cmp.Diff(members, slices.Sorted(maps.Keys(r.members))); diff != "" {
				t.Errorf("members (-want +got):\n%s", diff)
			}
			breaks := make(map[oracle.Address]walkers.Doubt)
			for i, d := range test.breaks {
				breaks[node(i)] = d
			}
			if diff := cmp.Diff(breaks, r.breaks); diff != "" {
				t.Errorf("breaks (-want +got):\n%s", diff)
			}
			if r.fault != test.fault {
				t.Errorf("fault %q, want %q", r.fault, test.fault)
			}
		})
	}
}

func TestLacks(t *testing.T) {
	whole := loop(4)
	whole[node(9)] = links{node(1), node(3)}
	broken := maps.Clone(whole)
	// Both directions break, so that 2 and 3 are reached from neither end.
	broken[node(1)] = links{1, node(0)}
	broken[node(0)] = links{node(1), 1}
	broken[node(2)], broken[node(3)], broken[node(4)] = links{node(3), node(4)}, links{node(4), node(2)}, links{node(2), node(3)}
	broken[node(8)] = links{node(8), node(8)}
	tests := []struct {
		name  string
		nodes map[oracle.Address]links
		at    int
		want  walkers.Doubt
	}{
		{"member", whole, 1, ""},
		{"no member of a whole list", whole, 9, NotInTaskList},
		{"unknown to a whole list", whole, 7, NotInTaskList},
		{"linked behind a break", broken, 3, ""},
		{"not linked behind a break", broken, 9, walkers.Corrupt},
		{"linked to itself behind a break", broken, 8, walkers.Corrupt},
	}
	for _, test := range tests {
		if got := follow(node(0), test.nodes).lacks(node(test.at), NotInTaskList); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
