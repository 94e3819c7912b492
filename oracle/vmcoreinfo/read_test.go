package vmcoreinfo

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/transport"
)

// kernel has variables and the areas that they point to. It counts its batches.
type kernel struct {
	symbols map[string]oracle.Address
	areas   map[oracle.Address][]byte
	steps   int
}

func (k *kernel) Symbol(_ context.Context, name string) (oracle.Address, error) {
	a, ok := k.symbols[name]
	if !ok {
		return 0, fmt.Errorf("%s: %w", name, oracle.ErrUnknownSymbol)
	}
	return a, nil
}

func (k *kernel) ReadVirtual(_ context.Context, reads []oracle.Read) error {
	k.steps++
	for i := range reads {
		r := &reads[i]
		r.Outcome = transport.Unmapped
		for start, area := range k.areas {
			if offset := r.Address - start; r.Address >= start && uint64(offset)+uint64(len(r.Data)) <= uint64(len(area)) {
				copy(r.Data, area[offset:])
				r.Outcome = transport.Success
			}
		}
	}
	return nil
}

const page = 0xffff888003a00000

func words(w ...uint64) []byte {
	var b []byte
	for _, v := range w {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return b
}

// withText is a kernel that keeps the text in a page.
func withText(size uint64) *kernel {
	return &kernel{
		symbols: map[string]oracle.Address{"vmcoreinfo_data": 0x1000, "vmcoreinfo_size": 0x1008},
		areas:   map[oracle.Address][]byte{0x1000: words(page, size), page: []byte(sample + strings.Repeat("\x00", 64))},
	}
}

// withNote is one that shows only the note.
func withNote(note []byte) *kernel {
	return &kernel{
		symbols: map[string]oracle.Address{"vmcoreinfo_note": 0x1000},
		areas:   map[oracle.Address][]byte{0x1000: words(page), page: note},
	}
}

func note(nameSize, size uint32, name string) []byte {
	b := binary.LittleEndian.AppendUint32(nil, nameSize)
	b = binary.LittleEndian.AppendUint32(b, size)
	return slices.Concat(append(b, 0, 0, 0, 0), []byte(name), []byte{0}, []byte(sample))
}

func TestRead(t *testing.T) {
	right := note(11, uint32(len(sample)), noteName)
	for name, tt := range map[string]struct {
		kernel *kernel
		steps  int
	}{
		"text": {withText(uint64(len(sample))), 2},
		"note": {withNote(right), 3},
	} {
		i, err := Read(t.Context(), tt.kernel)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if string(i.Text()) != sample || tt.kernel.steps != tt.steps {
			t.Errorf("%s: in %d steps\n%s", name, tt.kernel.steps, i.Text())
		}
	}
}

func TestReadMalformed(t *testing.T) {
	unmapped := withText(1)
	delete(unmapped.areas, page)
	noVariable := withText(1)
	delete(noVariable.areas, 0x1000)
	for name, tt := range map[string]struct {
		kernel *kernel
		want   error
	}{
		"nothing":         {&kernel{}, oracle.ErrUnknownSymbol},
		"no size":         {withText(0), ErrMalformed},
		"too long":        {withText(maxSize + 1), ErrMalformed},
		"beyond its page": {withText(4096), ErrMalformed},
		"unmapped":        {unmapped, ErrMalformed},
		"no variable":     {noVariable, ErrMalformed},
		"other note":      {withNote(note(11, uint32(len(sample)), "VMCOREINFX\x00")), ErrMalformed},
		"other length":    {withNote(note(5, uint32(len(sample)), noteName)), ErrMalformed},
		"empty note":      {withNote(note(11, 0, noteName)), ErrMalformed},
		"endless note":    {withNote(note(11, 1<<31, noteName)), ErrMalformed},
		"note's header":   {withNote(words(1)), ErrMalformed},
	} {
		if i, err := Read(t.Context(), tt.kernel); !errors.Is(err, tt.want) || i != nil {
			t.Errorf("%s: got %v, %v, want %v", name, i, err, tt.want)
		}
	}
}
