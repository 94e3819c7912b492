package iomem_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/iomem"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/oracletest"
	"github.com/barescope/barescope/transport"
)

const (
	rootAt  = oracle.Address(0xffffffff82800100)
	namesAt = oracle.Address(0xffffffff82000000)
)

var resourceType = oracletest.Struct("resource", 64,
	oracletest.At(0, "start", oracletest.Int(8)), oracletest.At(8, "end", oracletest.Int(8)),
	oracletest.At(16, "name", oracletest.Int(8)), oracletest.At(40, "parent", oracletest.Int(8)),
	oracletest.At(48, "sibling", oracletest.Int(8)), oracletest.At(56, "child", oracletest.Int(8)))

// res is a resource with its children.
type res struct {
	start, end uint64
	name       string
	at         oracle.Address // where it is put, 0 for a page of its own
	children   []res
}

// tree is a kernel whose iomem_resource is being built.
type tree struct {
	*oracletest.Kernel
	nextName, nextNode oracle.Address
}

// plant builds a tree whose root covers 46 bits.
func plant(children ...res) *tree {
	t := &tree{
		Kernel:   &oracletest.Kernel{Memory: oracletest.NewMemory(), Types: oracletest.Types{resourceType}},
		nextName: namesAt, nextNode: 0xffff888001000000,
	}
	t.put(res{end: 1<<46 - 1, name: "PCI mem", at: rootAt, children: children}, 0)
	return t
}

// put writes a resource and what is below it and returns its address.
func (t *tree) put(r res, sibling oracle.Address) oracle.Address {
	at := r.at
	if at == 0 {
		at, t.nextNode = t.nextNode, t.nextNode+0x1040
	}
	var child oracle.Address
	for _, c := range slices.Backward(r.children) {
		child = t.put(c, child)
	}
	name := t.nextName
	t.nextName += oracle.Address(len(r.name) + 1)
	t.Write(oracletest.Physical(name), []byte(r.name+"\x00"))
	t.Words(oracletest.Physical(at), r.start, r.end, uint64(name), 0, 0, 0, uint64(sibling), uint64(child))
	return at
}

// shown returns resources as /proc/iomem shows them, in the order of reading.
func shown(resources []iomem.Resource) []string {
	var lines []string
	for _, r := range resources {
		lines = append(lines, strings.Repeat("  ", r.Depth)+r.Start.String()+"-"+r.End.String()+" "+r.Name)
	}
	return lines
}

func TestRead(t *testing.T) {
	k := plant(
		res{start: 0x1000, end: 0x9fbff, name: "System RAM"},
		res{start: 0xa0000, end: 0xbffff, name: "PCI Bus 0000:00", children: []res{{start: 0xa0000, end: 0xaffff, name: "deep", children: []res{
			{start: 0xa0000, end: 0xa0fff, name: "deeper"},
		}}}},
		res{start: 0x100000, end: 0x3ffdefff, name: "System RAM", children: []res{
			{start: 0x1000000, end: 0x1ffffff, name: "Kernel code"}, {start: 0x2000000, end: 0x2ffffff, name: "Kernel rodata"},
		}},
	)
	got, err := iomem.Read(t.Context(), k, rootAt)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"0x1000-0x9fbff System RAM",
		"0xa0000-0xbffff PCI Bus 0000:00",
		"  0xa0000-0xaffff deep",
		"    0xa0000-0xa0fff deeper",
		"0x100000-0x3ffdefff System RAM",
		"  0x1000000-0x1ffffff Kernel code",
		"  0x2000000-0x2ffffff Kernel rodata",
	}
	byText := cmpopts.SortSlices(func(a, b string) bool { return a < b })
	if diff := cmp.Diff(want, shown(got), byText); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	ram := []transport.Range{{Start: 0x1000, Length: 0x9ec00}, {Start: 0x100000, Length: 0x3fedf000}}
	if diff := cmp.Diff(ram, iomem.RAM(got)); diff != "" {
		t.Errorf("RAM (-want +got):\n%s", diff)
	}
}

func TestReadOfAnEmptyTree(t *testing.T) {
	got, err := iomem.Read(t.Context(), plant(), rootAt)
	if err != nil || len(got) != 0 {
		t.Errorf("Read = %v, %v", got, err)
	}
}

// TestReadTakesABatchAPage puts 40 siblings into one page. One node crosses
// into the next.
func TestReadTakesABatchAPage(t *testing.T) {
	var siblings []res
	for i := range uint64(40) {
		at := oracle.Address(0xffff888003000000 + 0x640 + i*64)
		siblings = append(siblings, res{start: i << 12, end: i<<12 | 0xfff, name: "System RAM", at: at})
	}
	siblings[39].at = 0xffff888003000fe0
	k := plant(siblings...)
	k.Exist(transport.Range{Start: oracletest.Physical(0xffff888003001000), Length: 0x1000})
	got, err := iomem.Read(t.Context(), k, rootAt)
	if err != nil || len(got) != 40 {
		t.Fatalf("%d resources, %v", len(got), err)
	}
	if n := len(k.Batches()); n != 4 { // root, page, next page, names
		t.Errorf("%d batches, want 4", n)
	}
}

// TestReadOfAPageThatIsNotWhole lets RAM end inside of the page of a node.
func TestReadOfAPageThatIsNotWhole(t *testing.T) {
	at := oracle.Address(0xffff888003000000)
	k := plant(res{start: 0x1000, end: 0x1fff, name: "System RAM", at: at}, res{start: 0x3000, end: 0x3fff, name: "b", at: at + 64})
	k.Fail(transport.Range{Start: oracletest.Physical(at) + 0xc00, Length: 0x400}, transport.Forbidden)
	got, err := iomem.Read(t.Context(), k, rootAt)
	if diff := cmp.Diff([]string{"0x1000-0x1fff System RAM", "0x3000-0x3fff b"}, shown(got)); err != nil || diff != "" {
		t.Errorf("err %v, resources (-want +got):\n%s", err, diff)
	}
}

func TestReadRefuses(t *testing.T) {
	const node = oracle.Address(0xffff888003000000)
	page := oracletest.Physical(node)
	one := func(start, end uint64) *tree { return plant(res{start: start, end: end, name: "System RAM", at: node}) }
	tests := map[string]struct {
		tree func() *tree
		want error
	}{
		"start behind end":  {func() *tree { return one(0x2000, 0x1fff) }, iomem.ErrMalformed},
		"outside of root":   {func() *tree { return one(0x1000, 1<<46) }, iomem.ErrMalformed},
		"all of the memory": {func() *tree { return one(0, 1<<64-1) }, iomem.ErrMalformed},
		"sibling is itself": {func() *tree {
			k := one(0, 0xfff)
			k.Words(page+48, uint64(node))
			return k
		}, iomem.ErrMalformed},
		"child is the root": {func() *tree {
			k := one(0, 0xfff)
			k.Words(page+56, uint64(rootAt))
			return k
		}, iomem.ErrMalformed},
		"sibling is the child": {func() *tree {
			k := one(0, 0xfff)
			k.put(res{end: 0xfff, at: node + 64}, 0)
			k.Words(page+48, uint64(node+64), uint64(node+64))
			return k
		}, iomem.ErrMalformed},
		"sibling that is not mapped": {func() *tree {
			k := one(0, 0xfff)
			k.Words(page+48, 0xffff888077770000)
			return k
		}, iomem.ErrMalformed},
		"child in user memory": {func() *tree {
			k := one(0, 0xfff)
			k.Words(page+56, 0x3000040)
			return k
		}, iomem.ErrMalformed},
		"root that is not mapped": {func() *tree {
			k := one(0, 0xfff)
			k.Fail(transport.Range{Start: oracletest.Physical(rootAt), Length: 8}, transport.Timeout)
			return k
		}, iomem.ErrMalformed},
		"more siblings than are followed": {func() *tree {
			siblings := make([]res, 5000)
			for i := range siblings {
				siblings[i] = res{end: 0xfff, name: "x", at: node + oracle.Address(i*64)}
			}
			return plant(siblings...)
		}, iomem.ErrMalformed},
		"more resources than are kept": {func() *tree {
			siblings := make([]res, 30)
			next := node
			for i := range siblings {
				siblings[i] = res{end: 0xfff, at: next}
				next += 64
				for range 2500 {
					siblings[i].children = append(siblings[i].children, res{end: 0xfff, at: next})
					next += 64
				}
			}
			return plant(siblings...)
		}, iomem.ErrMalformed},
		"no type": {func() *tree {
			k := one(0, 0xfff)
			k.Types = nil
			return k
		}, layout.ErrUnknownType},
		"type without a name": {func() *tree {
			k := one(0, 0xfff)
			var unnamed []layout.Member
			for _, m := range resourceType.Members {
				if m.Name != "name" {
					unnamed = append(unnamed, m)
				}
			}
			k.Types = oracletest.Types{oracletest.Struct("resource", 64, unnamed...)}
			return k
		}, layout.ErrUnknownMember},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := iomem.Read(t.Context(), tt.tree(), rootAt)
			if got != nil || !errors.Is(err, tt.want) {
				t.Errorf("Read = %d resources, %v, want %v", len(got), err, tt.want)
			}
		})
	}
}

func TestReadEndsWithTheLink(t *testing.T) {
	gone := errors.New("gone")
	for last := range 3 {
		k := plant(res{start: 0x1000, end: 0x1fff, name: "System RAM"})
		k.Before = func(batch int, _ []transport.Read) error {
			if batch == last {
				return gone
			}
			return nil
		}
		if got, err := iomem.Read(t.Context(), k, rootAt); got != nil || !errors.Is(err, gone) {
			t.Errorf("batch %d: Read = %v, %v", last, got, err)
		}
	}
}

func TestReadOfANameThatCannotBeRead(t *testing.T) {
	k := plant(res{start: 0x1000, end: 0x1fff, name: "System RAM"}, res{start: 0x3000, end: 0x3fff, name: strings.Repeat("n", 500)})
	got, err := iomem.Read(t.Context(), k, rootAt)
	if err != nil || len(got) != 2 || got[1].Name != strings.Repeat("n", 128) {
		t.Fatalf("Read = %v, %v", got, err)
	}
	k.Fail(transport.Range{Start: oracletest.Physical(namesAt), Length: 0x1000}, transport.Timeout)
	got, err = iomem.Read(t.Context(), k, rootAt)
	want := []string{"0x1000-0x1fff ", "0x3000-0x3fff "}
	if diff := cmp.Diff(want, shown(got)); err != nil || diff != "" {
		t.Errorf("err %v, resources (-want +got):\n%s", err, diff)
	}
}

func TestRAM(t *testing.T) {
	resources := []iomem.Resource{
		{Start: 0x100000, End: 0x1fffff, Name: "System RAM"},
		{Start: 0x1000, End: 0x1000, Name: "System RAM"},
		{Start: 0x180000, End: 0x2fffff, Name: "System RAM (boot alias)", Depth: 1},
		{Start: 0x400000, End: 0x4fffff, Name: "System RAM (kmem)", Depth: 3},
		{Start: 0x500000, End: 0x5fffff, Name: "System RAMification"},
		{Start: 0x600000, End: 0x6fffff, Name: "Reserved"},
		{Start: 0x700000, End: 0x7fffff},
	}
	want := []transport.Range{
		{Start: 0x1000, Length: 1}, {Start: 0x100000, Length: 0x100000},
		{Start: 0x180000, Length: 0x180000}, {Start: 0x400000, Length: 0x100000},
	}
	if diff := cmp.Diff(want, iomem.RAM(resources)); diff != "" {
		t.Errorf("RAM (-want +got):\n%s", diff)
	}
	if got := iomem.RAM(nil); got != nil {
		t.Errorf("RAM of nothing = %v", got)
	}
}
