package nettlp_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"

	"github.com/barescope/barescope/internal/kc705"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/nettlp"
)

// patterned is a memory of any size that holds a pattern which names each
// address.
type patterned struct{}

func pattern(a transport.Address) byte {
	v := uint64(a) / 4 * 0x9e3779b97f4a7c15
	return byte(v >> (32 + 8*(a%4)))
}

// ReadPhysical implements transport.Memory.
func (patterned) ReadPhysical(_ context.Context, reads []transport.Read) error {
	for i := range reads {
		r := &reads[i]
		for j := range r.Data {
			r.Data[j] = pattern(r.Address + transport.Address(j))
		}
		r.Outcome = transport.Success
	}
	return nil
}

// TestNoNetworkMixesUpData reads random batches over bad networks, from a card
// that sends completions of 64 bytes: every byte is the right one, and every
// read comes to an end.
func TestNoNetworkMixesUpData(t *testing.T) {
	for _, tt := range []struct {
		name   string
		faults kc705.Faults
		tags   []int
	}{
		{name: "good", tags: []int{1, 4, 32}},
		{name: "2% of all", faults: kc705.Faults{Loss: 0.02, Duplicate: 0.02, Late: 0.02}, tags: []int{1, 4, 32}},
		{name: "heavy loss", faults: kc705.Faults{Loss: 0.1}, tags: []int{1, 4, 32}},
		{name: "late and repeated", faults: kc705.Faults{Duplicate: 0.2, Late: 0.2}, tags: []int{1, 4, 32}},
		// With few tags, there can be none left to rest.
		{name: "requests repeated", faults: kc705.Faults{Loss: 0.02, Repeat: 0.2}, tags: []int{16, 32}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for seed := range uint64(36) {
				o := nettlp.Options{Retries: 12,
					Tags: tt.tags[seed%uint64(len(tt.tags))],
					MRRS: []int{128, 512, 4096}[seed/3%3]}
				synctest.Test(t, func(t *testing.T) {
					card := kc705.New(patterned{}, kc705.Options{MPS: 64, Seed: seed, Faults: tt.faults})
					if err := readBatches(t.Context(), card, o, seed); err != nil {
						t.Errorf("seed %d, %d tags, MRRS %d: %v", seed, o.Tags, o.MRRS, err)
					}
				})
			}
		})
	}
}

// readBatches has two callers read two batches each, one after the other.
func readBatches(ctx context.Context, card *kc705.Card, o nettlp.Options, seed uint64) error {
	c, err := nettlp.New(card, o)
	if err != nil {
		return err
	}
	defer c.Close()
	done := make(chan error)
	for caller := range uint64(2) {
		go func() {
			random := rand.New(rand.NewPCG(seed, 1+caller))
			done <- errors.Join(readBatch(ctx, c, random), readBatch(ctx, c, random))
		}()
	}
	return errors.Join(<-done, <-done)
}

func readBatch(ctx context.Context, c *nettlp.Client, random *rand.Rand) error {
	reads := make([]transport.Read, 1+random.IntN(8))
	for i := range reads {
		reads[i] = transport.Read{
			Address: transport.Address(random.Uint64N(8 << 30)),
			Data:    make([]byte, 1+random.IntN(2000)),
		}
	}
	if err := c.ReadPhysical(ctx, reads); err != nil {
		return err
	}
	for _, r := range reads {
		if r.Outcome != transport.Success {
			return fmt.Errorf("%s: %s", r.Range(), r.Outcome)
		}
		for i, got := range r.Data {
			if want := pattern(r.Address + transport.Address(i)); got != want {
				return fmt.Errorf("byte %d of %s: %#x, want %#x", i, r.Range(), got, want)
			}
		}
	}
	return nil
}
