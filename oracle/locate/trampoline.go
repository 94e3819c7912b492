package locate

import (
	"context"
	"errors"
	"fmt"
	"math/bits"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/pagetable"
	"github.com/barescope/barescope/transport"
)

// Low memory that is RAM on every PC: without the first page, which firmware
// keeps, and the extended BIOS data area. The trampoline lies in it
// (reserve_real_mode allocates below 1 MiB).
const (
	lowStart = 0x1000
	lowEnd   = 0x9f000
)

// trampoline looks for the trampoline's page table: the last entry of every
// page of low memory in one batch, then the pages that could be one. Left-over
// code passes for a last entry, and following it would be a read outside of
// RAM, so only what looks like a trampoline as a whole page is followed.
func (f *finder) trampoline(ctx context.Context) (*Image, error) {
	candidates, unread, err := f.lastEntries(ctx)
	if err != nil {
		return nil, err
	}
	pages, err := f.pages(ctx, candidates)
	if err != nil {
		return nil, err
	}
	var unsupported error
	for _, p := range pages {
		if p.Outcome != transport.Success {
			unread++
			continue
		}
		if bit, ok := encryptionBit(p.Data); ok {
			unsupported = fmt.Errorf("%w: its memory is encrypted (bit %d in the page table at %s), and reads from outside get "+
				"ciphertext: boot the target with mem_encrypt=off", oracle.ErrUnsupported, bit, p.Address)
			continue
		}
		if !pagetable.TrampolineRoot(p.Data) {
			continue
		}
		image, err := f.prove(ctx, p.Address, p.Data)
		if err == nil {
			f.Log.Debug().Stringer("root", p.Address).Int("levels", image.Tables.Levels).Msg("found the real-mode trampoline")
			return image, nil
		}
		if !errors.Is(err, errNoImage) {
			return nil, err
		}
		f.Log.Debug().Err(err).Msg("not a trampoline")
	}
	if unsupported != nil {
		return nil, unsupported
	}
	return nil, fmt.Errorf("%w: no page of low memory is a trampoline's page table (%d looked at, %d unreadable)",
		oracle.ErrNoKernel, (lowEnd-lowStart)/transport.PageSize, unread)
}

// lastEntries returns the pages of low memory whose last entry could lead to
// a table, and how many pages could not be read.
func (f *finder) lastEntries(ctx context.Context) ([]transport.Address, int, error) {
	var reads []transport.Read
	for page := transport.Address(lowStart); page < lowEnd; page += transport.PageSize {
		reads = append(reads, transport.Read{Address: page + pagetable.LastEntry, Data: make([]byte, 8)})
	}
	if err := f.Memory.ReadPhysical(ctx, reads); err != nil {
		return nil, 0, fmt.Errorf("read low memory: %w", err)
	}
	var candidates []transport.Address
	unread := 0
	for _, r := range reads {
		switch {
		case r.Outcome != transport.Success:
			unread++
		case pagetable.PlausibleTop(topEntry(r.Data)) || encrypted(topEntry(r.Data)):
			candidates = append(candidates, r.Address.Page())
		}
	}
	return candidates, unread, nil
}

// pages reads whole pages.
func (f *finder) pages(ctx context.Context, addresses []transport.Address) ([]transport.Read, error) {
	reads := make([]transport.Read, len(addresses))
	for i, a := range addresses {
		reads[i] = transport.Read{Address: a, Data: make([]byte, transport.PageSize)}
	}
	if len(reads) == 0 {
		return nil, nil
	}
	return reads, f.Memory.ReadPhysical(ctx, reads)
}

// encryptionBits are where SME and SEV can put the bit that marks an entry's
// page as encrypted (AMD APM volume 2, 15.34.1: CPUID 8000_001F EBX).
const encryptionBits pagetable.Entry = 0x1f << 47

// encrypted reports whether an entry would be plausible without one of the
// encryption bits.
func encrypted(e pagetable.Entry) bool {
	return bits.OnesCount64(uint64(e&encryptionBits)) == 1 && pagetable.PlausibleTop(e&^encryptionBits)
}

// encryptionBit returns the encryption bit of a trampoline's page table that
// would be plausible without it.
func encryptionBit(page []byte) (int, bool) {
	last := topEntry(page[pagetable.LastEntry:])
	if !encrypted(last) {
		return 0, false
	}
	bit := last & encryptionBits
	plain := make([]byte, 0, len(page))
	for i := 0; i < len(page); i += 8 {
		e := uint64(topEntry(page[i:]) &^ bit)
		for range 8 {
			plain = append(plain, byte(e))
			e >>= 8
		}
	}
	return bits.TrailingZeros64(uint64(bit)), pagetable.TrampolineRoot(plain)
}
