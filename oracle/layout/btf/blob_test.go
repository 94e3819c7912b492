package btf

import (
	"encoding/binary"
	"testing"

	cilium "github.com/cilium/ebpf/btf"
)

// blob marshals types as a kernel's build would.
func blob(tb testing.TB, types ...cilium.Type) []byte {
	tb.Helper()
	b, err := cilium.NewBuilder(types, nil)
	if err != nil {
		tb.Fatal(err)
	}
	raw, err := b.Marshal(nil, &cilium.MarshalOptions{Order: binary.LittleEndian})
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

var (
	charInt = &cilium.Int{Name: "char", Size: 1, Encoding: cilium.Char}
	intInt  = &cilium.Int{Name: "int", Size: 4, Encoding: cilium.Signed}
	boolInt = &cilium.Int{Name: "_Bool", Size: 1, Encoding: cilium.Bool}
	longInt = &cilium.Int{Name: "unsigned long", Size: 8}
	void    = (*cilium.Void)(nil)
)

// task is a structure with a bit of everything: 80 bytes.
func task() *cilium.Struct {
	s := &cilium.Struct{Name: "task", Size: 80}
	pointer := &cilium.Typedef{Name: "task_t", Type: s}
	halves := &cilium.Struct{Size: 8, Members: []cilium.Member{
		{Name: "lo", Type: intInt}, {Name: "hi", Type: intInt, Offset: 32},
	}}
	s.Members = []cilium.Member{
		{Name: "pid", Type: &cilium.Const{Type: &cilium.Typedef{Name: "pid_t", Type: intInt}}},
		{Name: "sleeping", Type: intInt, Offset: 32, BitfieldSize: 3},
		{Name: "nice", Type: intInt, Offset: 35, BitfieldSize: 6},
		{Type: &cilium.Union{Size: 8, Members: []cilium.Member{
			{Name: "both", Type: longInt}, {Type: halves},
		}}, Offset: 64},
		{Name: "comm", Type: &cilium.Array{Index: longInt, Type: charInt, Nelems: 16}, Offset: 128},
		{Name: "parent", Type: &cilium.Pointer{Target: &cilium.TypeTag{Value: "rcu", Type: &cilium.Const{Type: pointer}}}, Offset: 256},
		{Name: "self", Type: &cilium.Pointer{Target: s}, Offset: 320},
		{Name: "stack", Type: &cilium.Pointer{Target: void}, Offset: 384},
		{Name: "file", Type: &cilium.Pointer{Target: &cilium.Fwd{Name: "file", Kind: cilium.FwdUnion}}, Offset: 448},
		{Name: "call", Type: &cilium.Pointer{Target: &cilium.FuncProto{Return: void}}, Offset: 512},
		{Name: "on_cpu", Type: &cilium.Volatile{Type: boolInt}, Offset: 576},
		{Name: "weight", Type: &cilium.Float{Name: "float", Size: 4}, Offset: 608},
	}
	return s
}
