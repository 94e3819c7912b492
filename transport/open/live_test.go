package open_test

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/adapter"
	"github.com/barescope/barescope/transport/image"
	"github.com/barescope/barescope/transport/open"
)

// Addresses of the loopback network that nothing else uses.
const (
	cardAddress = "127.83.1.2"
	ownAddress  = "127.83.1.1"
	cardURL     = "nettlp://" + cardAddress + "?local=" + ownAddress + "&timeout=100ms&requester=1b:00"
)

// serve puts an adapter in front of an image until the test ends.
func serve(t *testing.T, o adapter.Options) *adapter.Adapter {
	t.Helper()
	ram, err := image.Open(ramFile(t), image.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o.Listen, o.Client = netip.MustParseAddr(cardAddress), netip.MustParseAddr(ownAddress)
	o.Requester, o.CheckRequester = 0x1b00, true
	card, err := adapter.New(ram, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- card.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, ram.Close()); err != nil {
			t.Error(err)
		}
		if n := card.Stats().Foreign; n != 0 {
			t.Errorf("%d requests were no reads", n)
		}
	})
	return card
}

// TestLink reads through UDP, as little as may be read of a machine that
// nothing is known of.
func TestLink(t *testing.T) {
	serve(t, adapter.Options{})
	session := filepath.Join(t.TempDir(), "session")
	target, err := open.Open(cardURL, open.Options{Record: session})
	if err != nil {
		t.Fatal(err)
	}
	ranges := []transport.Range{rng(0x1ff0, 0x20), rng(0xfff, 1), rng(0x9efff, 1), rng(0x9f000, 1), rng(0x100000, 8)}
	want := []transport.Outcome{transport.Success, transport.Forbidden, transport.Success, transport.Forbidden, transport.Forbidden}
	got := read(t, context.Background(), target, ranges...)
	if diff := cmp.Diff(want, outcomes(got)); diff != "" {
		t.Error(diff)
	}
	if !bytes.Equal(got[0].Data[:4], []byte{0xef, 0xee, 0xed, 0xec}) {
		t.Errorf("got %x", got[0].Data)
	}
	if !target.Live || target.Extent != nil {
		t.Errorf("live %v, extent %v", target.Live, target.Extent)
	}
	if err := target.Close(); err != nil {
		t.Fatal(err)
	}

	replay := openTarget(t, "replay://"+session, open.Options{})
	if diff := cmp.Diff(got, read(t, context.Background(), replay, ranges...)); diff != "" {
		t.Error(diff)
	}
}

// TestLinkWithRAM has an operator who knows what is memory.
func TestLinkWithRAM(t *testing.T) {
	serve(t, adapter.Options{})
	target := openTarget(t, cardURL, open.Options{RAM: []transport.Range{rng(0, 0x200000)}})
	got := read(t, context.Background(), target, rng(0x1fff00, 0x100), rng(0xc0000, 8))
	if diff := cmp.Diff([]transport.Outcome{transport.Success, transport.Forbidden}, outcomes(got)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]transport.Range{rng(0, 0xa0000), rng(0x100000, 0x100000)}, target.Extent); diff != "" {
		t.Error(diff)
	}
}

// TestLinkRefused sends one read, and no more.
func TestLinkRefused(t *testing.T) {
	card := serve(t, adapter.Options{RefuseAll: adapter.UnsupportedRequest})
	target := openTarget(t, cardURL, open.Options{})
	var reads []transport.Read
	for at := transport.Address(0x1ff8); at < 0x9f000; at += 0x1000 {
		reads = append(reads, transport.Read{Address: at, Data: make([]byte, 8)})
	}
	err := target.ReadPhysical(context.Background(), reads)
	if !errors.Is(err, transport.ErrReadsRefused) {
		t.Errorf("error is %v", err)
	}
	if n := card.Stats().Requests; n != 1 {
		t.Errorf("%d requests", n)
	}
	if reads[1].Outcome != transport.NotRead {
		t.Errorf("second read: %v", reads[1].Outcome)
	}
}

func TestNoLink(t *testing.T) {
	target := openTarget(t, cardURL, open.Options{})
	reads := []transport.Read{{Address: 0x1000, Data: make([]byte, 8)}}
	if err := target.ReadPhysical(context.Background(), reads); !errors.Is(err, transport.ErrNoLink) {
		t.Errorf("error is %v", err)
	}
}

// TestLiveOverAnyLink closes what it was given.
func TestLiveOverAnyLink(t *testing.T) {
	ram, err := image.Open(ramFile(t), image.Options{})
	if err != nil {
		t.Fatal(err)
	}
	target, err := open.Live(ram, "model", open.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := read(t, t.Context(), target, rng(0x1000, 4), rng(0x100000, 8))
	if diff := cmp.Diff([]transport.Outcome{transport.Success, transport.Forbidden}, outcomes(got)); diff != "" {
		t.Error(diff)
	}
	if !target.Live || target.Extent != nil {
		t.Errorf("live %v, extent %v", target.Live, target.Extent)
	}
	if err := errors.Join(target.Close(), ram.Close()); err == nil {
		t.Error("the link was left open")
	}
}
