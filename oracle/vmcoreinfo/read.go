package vmcoreinfo

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/transport"
)

// Kernel is what Read asks of an opened target.
type Kernel interface {
	oracle.Memory
	// Symbol returns the address of a symbol, or an error wrapping
	// oracle.ErrUnknownSymbol.
	Symbol(ctx context.Context, name string) (oracle.Address, error)
}

// Read reads the VMCOREINFO of a kernel in two dependent steps. The error wraps
// [oracle.ErrUnknownSymbol] for a kernel that was built without it,
// [ErrMalformed], or is that of ReadVirtual.
func Read(ctx context.Context, k Kernel) (*Info, error) {
	text, err := readText(ctx, k)
	if errors.Is(err, oracle.ErrUnknownSymbol) {
		text, err = readNote(ctx, k)
	}
	if err != nil {
		return nil, fmt.Errorf("read VMCOREINFO: %w", err)
	}
	return Parse(text)
}

// readText follows vmcoreinfo_data, a pointer to the text since 4.13, whose
// length is vmcoreinfo_size.
func readText(ctx context.Context, k Kernel) ([]byte, error) {
	v, err := variables(ctx, k, "vmcoreinfo_data", "vmcoreinfo_size")
	if err != nil {
		return nil, err
	}
	if v[1] == 0 || v[1] > maxSize {
		return nil, fmt.Errorf("%w: %d bytes", ErrMalformed, v[1])
	}
	return read(ctx, k, oracle.Address(v[0]), v[1])
}

const (
	// noteHeader is three words: lengths of name and descriptor, type.
	noteHeader = 12
	noteName   = "VMCOREINFO\x00"
	// noteText is where the descriptor begins, behind the padded name.
	noteText = noteHeader + (len(noteName)+3)&^3
)

// readNote follows vmcoreinfo_note, a pointer to the same text within an ELF
// note, in a third step.
func readNote(ctx context.Context, k Kernel) ([]byte, error) {
	v, err := variables(ctx, k, "vmcoreinfo_note")
	if err != nil {
		return nil, err
	}
	at := oracle.Address(v[0])
	header, err := read(ctx, k, at, uint64(noteText))
	if err != nil {
		return nil, err
	}
	nameSize, size := binary.LittleEndian.Uint32(header), binary.LittleEndian.Uint32(header[4:])
	name := string(header[noteHeader:][:len(noteName)])
	if nameSize != uint32(len(noteName)) || name != noteName || size == 0 || size > maxSize {
		return nil, fmt.Errorf("%w: no note of that name at %s", ErrMalformed, at)
	}
	return read(ctx, k, at+oracle.Address(noteText), uint64(size))
}

// variables reads 64-bit variables in one batch.
func variables(ctx context.Context, k Kernel, names ...string) ([]uint64, error) {
	reads := make([]oracle.Read, len(names))
	for i, name := range names {
		at, err := k.Symbol(ctx, name)
		if err != nil {
			return nil, err
		}
		reads[i] = oracle.Read{Address: at, Data: make([]byte, 8)}
	}
	if err := k.ReadVirtual(ctx, reads); err != nil {
		return nil, err
	}
	values := make([]uint64, len(names))
	for i := range reads {
		if reads[i].Outcome != transport.Success {
			return nil, fmt.Errorf("%w: %s at %s: %s", ErrMalformed, names[i], reads[i].Address, reads[i].Outcome)
		}
		values[i] = binary.LittleEndian.Uint64(reads[i].Data)
	}
	return values, nil
}

func read(ctx context.Context, k Kernel, at oracle.Address, size uint64) ([]byte, error) {
	reads := []oracle.Read{{Address: at, Data: make([]byte, size)}}
	if err := k.ReadVirtual(ctx, reads); err != nil {
		return nil, err
	}
	if reads[0].Outcome != transport.Success {
		return nil, fmt.Errorf("%w: %d bytes at %s: %s", ErrMalformed, size, at, reads[0].Outcome)
	}
	return reads[0].Data, nil
}
