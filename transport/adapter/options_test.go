package adapter

import (
	"errors"
	"math"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOptionsDefaults(t *testing.T) {
	got := Options{}.withDefaults()
	if err := got.validate(); err != nil {
		t.Errorf("defaults: %v", err)
	}
	want := Options{
		Listen: netip.MustParseAddr("127.0.0.2"), Client: netip.MustParseAddr("127.0.0.1"),
		MPS: 256, ReadCompletionBoundary: 64, MRRS: 512, Tags: 32, Holes: UnsupportedRequest,
	}
	ignoreLog := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Log" }, cmp.Ignore())
	addresses := cmp.Comparer(func(a, b netip.Addr) bool { return a == b })
	if diff := cmp.Diff(want, got, ignoreLog, addresses); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOptionsRefused(t *testing.T) {
	for name, o := range map[string]Options{
		"IPv6":                  {Listen: netip.MustParseAddr("::1")},
		"one address":           {Listen: netip.MustParseAddr("127.0.0.1")},
		"boundary of 32":        {ReadCompletionBoundary: 32},
		"MPS below boundary":    {MPS: 64, ReadCompletionBoundary: 128},
		"MPS of 192":            {MPS: 192},
		"MPS of 8192":           {MPS: 8192},
		"negative MPS":          {MPS: -64},
		"MRRS of 8192":          {MRRS: 8192},
		"negative MRRS":         {MRRS: -1},
		"257 tags":              {Tags: 257},
		"negative tags":         {Tags: -1},
		"unknown refusal":       {Holes: 4},
		"unknown refusal 2":     {RefuseAll: 4},
		"negative latency":      {Latency: -1},
		"negative FIFO":         {FIFO: -1},
		"loss above 1":          {Loss: 1.1},
		"negative duplication":  {Duplicate: -0.1},
		"reordering not number": {Reorder: math.NaN()},
	} {
		if a, err := New(wide, o); !errors.Is(err, ErrBadOptions) || a != nil {
			t.Errorf("%s: %v, %v, want ErrBadOptions", name, a, err)
		}
	}
}
