package mount

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle/layout"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

// The kernel's tree of mount namespaces, in its three forms and before it.
func TestNewRegister(t *testing.T) {
	id := wt.Member("inum", wt.Long)
	list := wt.Member("list", wt.ListHead)
	namespace := func(more ...layout.Member) *layout.Type {
		return wt.Struct("mnt_namespace", append([]layout.Member{wt.Member("ns", wt.Struct("ns_common", more...))}, list)...)
	}
	tests := []struct {
		name  string
		types []*layout.Type
		want  *register
	}{
		{"none", []*layout.Type{namespace(id)}, nil},
		{"node in the namespace", []*layout.Type{wt.Struct("mnt_namespace", wt.Member("ns", wt.Long), wt.Member("mnt_ns_tree_node", wt.RBNode))},
			&register{node: 8}},
		{"node in what namespaces share", []*layout.Type{namespace(id, wt.Member("ns_tree_node", wt.RBNode)),
			wt.Struct("ns_tree", wt.Member("type", wt.Long), wt.Member("ns_tree", wt.RBRoot))}, &register{node: 8, root: 8}},
		{"node with a list", []*layout.Type{
			namespace(id, wt.Member("ns_tree_node", wt.Struct("ns_tree_node", wt.Member("ns_list_entry", wt.ListHead), wt.Member("ns_node", wt.RBNode)))),
			wt.Struct("ns_tree_root", wt.Member("ns_rb", wt.RBRoot))}, &register{node: 24}},
		{"without the type of its root", []*layout.Type{namespace(id, wt.Member("ns_tree_node", wt.RBNode))}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			k := wt.New(t)
			for _, typ := range test.types {
				k.Define(typ)
			}
			got := newRegister(t.Context(), k)
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(register{})); diff != "" {
				t.Errorf("register (-want +got):\n%s", diff)
			}
		})
	}
}
