package btf

import (
	"encoding/binary"
	"errors"
	"testing"

	cilium "github.com/cilium/ebpf/btf"
	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle/layout"
)

// splitBlob returns the BTF of a module with one structure, "loop", of one
// member "n" of type id. It is written from Documentation/bpf/btf.rst: a
// header, a struct record of three words with one member of three, the names.
func splitBlob(base *Types, id uint32) []byte {
	names := "\x00loop\x00n\x00"
	start := uint32(base.extent.textSize)
	words := littleEndian(
		start+1, 4<<24|1, 4, // "loop", BTF_KIND_STRUCT with one member, 4 bytes
		start+6, id, 0, // "n" at bit 0
	)
	header := littleEndian(uint32(magic)|version<<16, HeaderSize, 0, uint32(len(words)), uint32(len(words)), uint32(len(names)))
	return append(append(header, words...), names...)
}

func littleEndian(words ...uint32) []byte {
	var b []byte
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

func TestParseSplitRefersToBase(t *testing.T) {
	base := parse(t, task())
	var intID uint32
	for id := range base.extent.kinds {
		if typ, err := base.spec.TypeByID(cilium.TypeID(id)); err == nil && typ.TypeName() == "int" {
			intID = uint32(id)
		}
	}
	module, err := base.ParseSplit(splitBlob(base, intID))
	if err != nil {
		t.Fatal(err)
	}
	got, err := module.Lookup(layout.Struct, "loop", "n")
	if err != nil {
		t.Fatal(err)
	}
	want := &layout.Type{Kind: layout.Struct, Name: "loop", Size: 4, Members: []layout.Member{
		{Name: "n", Type: &layout.Type{Kind: layout.Int, Name: "int", Size: 4, Signed: true}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("loop (-want +got):\n%s", diff)
	}
	if _, err := module.Lookup(layout.Struct, "task"); !errors.Is(err, layout.ErrUnknownType) {
		t.Errorf("a type of the base: error %v, want ErrUnknownType", err)
	}
}

func TestParseSplitRefusesUnknownReference(t *testing.T) {
	base := parse(t, task())
	beyond := uint32(len(base.extent.kinds)) + 1
	if _, err := base.ParseSplit(splitBlob(base, beyond)); !errors.Is(err, layout.ErrMalformed) {
		t.Errorf("error %v, want ErrMalformed", err)
	}
	if _, err := Parse(splitBlob(base, 1)); err == nil {
		t.Error("split BTF parsed without its base")
	}
}
