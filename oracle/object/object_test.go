package object

import (
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/transport"
)

const base oracle.Address = 0xffff888000001000

// readOne reads all members of one structure at base.
func readOne(t *testing.T, m *pages, typ *layout.Type) (*Object, map[string]Member) {
	t.Helper()
	p := NewPlan(typ)
	members := make(map[string]Member)
	for _, member := range typ.Members {
		members[member.Name] = p.Member(member.Name)
	}
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	objects, err := p.Read(t.Context(), m, []oracle.Address{base})
	if err != nil {
		t.Fatal(err)
	}
	return &objects[0], members
}

func TestObjectNumbers(t *testing.T) {
	m := newPages()
	m.number(base, 8, 0xfedcba9876543210)
	tests := []struct {
		name     string
		size     uint64
		unsigned uint64
		signed   int64
	}{
		{"byte", 1, 0x10, 0x10},
		{"two", 2, 0x3210, 0x3210},
		{"four", 4, 0x76543210, 0x76543210},
		{"seven", 7, 0xdcba9876543210, -0x23456789abcdf0},
		{"eight", 8, 0xfedcba9876543210, -0x123456789abcdf0},
		{"sixteen", 16, 0xfedcba9876543210, -0x123456789abcdf0},
		{"none", 0, 0, 0},
	}
	for _, test := range tests {
		o, members := readOne(t, m, structure(member("m", 0, integer(test.size))))
		if u, s := o.Uint(members["m"]), o.Int(members["m"]); u != test.unsigned || s != test.signed {
			t.Errorf("%s: got %#x, %#x; want %#x, %#x", test.name, u, s, test.unsigned, test.signed)
		}
	}
	o, members := readOne(t, m, structure(member("m", 0, integer(8))))
	if got := o.Pointer(members["m"]); got != 0xfedcba9876543210 {
		t.Errorf("pointer is %v", got)
	}
}

// Every bit-field, wherever it lies and also over nine bytes, reads as the
// bits that were put there, whatever stands around it.
func TestObjectBitFields(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		shift := rapid.UintRange(0, 63).Draw(r, "shift")
		width := rapid.UintRange(1, 64).Draw(r, "width")
		value := rapid.Uint64().Draw(r, "value")
		around := rapid.Uint64().Draw(r, "around")

		mask := ^uint64(0) >> (64 - width)
		low := around&^(mask<<shift) | (value&mask)<<shift
		high := around&^(mask>>(64-shift)) | (value&mask)>>(64-shift)
		m := newPages()
		m.write(base, string(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, low), high)))

		o, members := readOne(t, m, structure(layout.Member{
			Name: "m", Type: integer(8), Offset: uint64(shift), BitSize: uint64(width),
		}))
		if got := o.Uint(members["m"]); got != value&mask {
			r.Fatalf("got %#x, want %#x", got, value&mask)
		}
		want := int64(value<<(64-width)) >> (64 - width)
		if got := o.Int(members["m"]); got != want {
			r.Fatalf("got %#x, want %#x", got, want)
		}
	})
}

func TestObjectText(t *testing.T) {
	for memory, want := range map[string]string{
		"init\x00garbage":          "init",
		"\x00bash\x00\x00\x00\x00": "",
		"exactly sixteen!":         "exactly sixteen!",
		"\xff\x1b[2J\n\x00":        "\xff\x1b[2J\n",
	} {
		m := newPages()
		m.write(base, memory)
		o, members := readOne(t, m, structure(member("comm", 0, integer(16))))
		if got := o.Text(members["comm"]); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A member that cannot be read takes no other with it.
func TestObjectUnreadable(t *testing.T) {
	m := newPages()
	m.number(base, 4, 5)
	o, members := readOne(t, m, structure(
		member("near", 0, integer(4)),
		member("far", 0x1000, integer(4)),
	))
	near, far := members["near"], members["far"]
	if o.Readable() || o.Uint(near) != 5 || o.Outcome(near) != transport.Success {
		t.Errorf("near is %d, %v", o.Uint(near), o.Outcome(near))
	}
	if o.Uint(far) != 0 || o.Int(far) != 0 || o.Text(far) != "" || o.Bytes(far) != nil || o.Outcome(far) != transport.Unmapped {
		t.Errorf("far is %d, %v", o.Uint(far), o.Outcome(far))
	}
	if o.At(far) != base+0x1000 || o.Field(far).Path != "far" {
		t.Errorf("far is %+v at %v", o.Field(far), o.At(far))
	}
	m.write(base+0x1000, "\x06")
	if o, _ := readOne(t, m, structure(member("far", 0x1000, integer(1)))); !o.Readable() {
		t.Error("not readable although all of it was read")
	}
}

func TestZeroObject(t *testing.T) {
	var o Object
	for _, m := range []Member{{}, {index: 1}} {
		if o.Readable() || o.Outcome(m) != transport.NotRead || o.Uint(m) != 0 || o.Int(m) != 0 || o.Bytes(m) != nil {
			t.Errorf("member %v of nothing has a value", m)
		}
	}
}
