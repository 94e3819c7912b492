package vmcoreinfo

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
)

// sample has a line of each form that values are written in.
const sample = "OSRELEASE=6.1.0-56-amd64\n" +
	"BUILD-ID=cbfd71b4c7ae1ae1\n" +
	"PAGESIZE=4096\n" +
	"SYMBOL(init_uts_ns)=ffffffff8aa3b540\n" +
	"OFFSET(uts_namespace.name)=0\n" +
	"NUMBER(phys_base)=-1329594368\n" +
	"NUMBER(sme_mask)=0\n" +
	"KERNELOFFSET=8600000\n"

func TestParse(t *testing.T) {
	i, err := Parse([]byte(sample + "\x00\x00"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample, string(i.Text())); diff != "" {
		t.Error(diff)
	}
	for key, want := range map[string]string{
		"OSRELEASE": "6.1.0-56-amd64", "SYMBOL(init_uts_ns)": "ffffffff8aa3b540", "OFFSET(uts_namespace.name)": "0",
	} {
		if got, ok := i.Lookup(key); got != want || !ok {
			t.Errorf("%s is %q, %v, want %q", key, got, ok, want)
		}
	}
	if got, ok := i.Lookup("SIZE(page)"); ok {
		t.Errorf("SIZE(page) is %q", got)
	}
	if got, err := i.KASLROffset(); got != 0x8600000 || err != nil {
		t.Errorf("KERNELOFFSET is %#x, %v", got, err)
	}
	if got, err := i.PhysBase(); got != -1329594368 || err != nil {
		t.Errorf("phys_base is %d, %v", got, err)
	}
}

func TestParseMalformed(t *testing.T) {
	for name, text := range map[string]string{
		"empty":          "",
		"zeros":          "\x00\x00",
		"no release":     "PAGESIZE=4096\n",
		"empty release":  "OSRELEASE=\n",
		"no value":       sample + "CRASHTIME\n",
		"no key":         sample + "=1\n",
		"empty line":     sample + "\n",
		"zero within":    "OSRELEASE=6.1\x00.0\n",
		"escape":         "OSRELEASE=6.1\x1b[2J\n",
		"not ASCII":      "OSRELEASE=6.1\xff\n",
		"carriage":       "OSRELEASE=6.1\r\n",
		"longer than it": "OSRELEASE=" + string(make([]byte, maxSize)) + "\n",
	} {
		if i, err := Parse([]byte(text)); !errors.Is(err, ErrMalformed) || i != nil {
			t.Errorf("%s: got %v, %v", name, i, err)
		}
	}
}

// TestFirstCounts has a key twice.
func TestFirstCounts(t *testing.T) {
	i, err := Parse([]byte(sample + "OSRELEASE=0\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := i.Lookup("OSRELEASE"); got != "6.1.0-56-amd64" {
		t.Errorf("release is %q", got)
	}
}

func TestCheck(t *testing.T) {
	right := oracle.Identity{Release: "6.1.0-56-amd64", KASLROffset: 0x8600000, PhysBase: -1329594368}
	otherRelease, otherOffset, otherBase := right, right, right
	otherRelease.Release = "6.1.0-55-amd64"
	otherOffset.KASLROffset = 0
	otherBase.PhysBase++
	for name, tt := range map[string]struct {
		text string
		id   oracle.Identity
		want error
	}{
		"right":         {sample, right, nil},
		"other release": {sample, otherRelease, oracle.ErrContradiction},
		"other offset":  {sample, otherOffset, oracle.ErrContradiction},
		"other base":    {sample, otherBase, oracle.ErrContradiction},
		"no offset":     {"OSRELEASE=6.1.0-56-amd64\nNUMBER(phys_base)=1\n", right, ErrMalformed},
		"no base":       {"OSRELEASE=6.1.0-56-amd64\nKERNELOFFSET=0\n", right, ErrMalformed},
		"base in hex":   {"OSRELEASE=6.1.0-56-amd64\nKERNELOFFSET=0\nNUMBER(phys_base)=0x1\n", right, ErrMalformed},
	} {
		i, err := Parse([]byte(tt.text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := i.Check(&tt.id); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("OSRELEASE=6.1\nOSRELEASE=\n=\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		i, err := Parse(text)
		if (i == nil) != (err != nil) {
			t.Fatalf("got %v and %v", i, err)
		}
		if err != nil {
			return
		}
		again, err := Parse(i.Text())
		if err != nil {
			t.Fatalf("its own text: %v", err)
		}
		if diff := cmp.Diff(i.values, again.values); diff != "" {
			t.Error(diff)
		}
	})
}
