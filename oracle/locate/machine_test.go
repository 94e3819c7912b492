package locate_test

import (
	"testing"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/locate"
	"github.com/barescope/barescope/oracle/oracletest"
	"github.com/barescope/barescope/transport"
)

const (
	banner = "Linux version 6.1.0-test (nobody@nowhere) (gcc 12) #1 SMP Tue"
	// The machine of these tests has its trampoline's table in rootPage.
	rootPage = transport.Address(0x9c000)
	mebibyte = 1 << 20
)

var lowMemory = transport.Range{Start: 0x1000, Length: 0x9e000}

// place is where a kernel lies: 4 MiB of text, 2 of read-only data, 2 of data
// and then its page tables.
type place struct {
	virtual  oracle.Address
	physical transport.Address
	levels   int
}

var (
	fourLevels = place{0xffffffff9c200000, 0x2a200000, 4}
	fiveLevels = place{0xffffffff8d600000, 0x39400000, 5}
)

// machine is a machine with a kernel.
type machine struct {
	*oracletest.Memory
	tables *oracletest.PageTables
	place  place
}

// newMachine boots a kernel: low memory is there, the trampoline in it leads
// to the image, which is mapped with its permissions and begins its read-only
// data with a banner.
func newMachine(p place) *machine {
	m := oracletest.NewMemory()
	m.Exist(lowMemory, transport.Range{Start: p.physical, Length: 8 * mebibyte})
	k := &machine{m, oracletest.NewPageTables(m, p.levels, rootPage, p.physical+8*mebibyte), p}
	k.mapImage()
	if p.levels == 4 {
		// The fixed mappings, which lie in the table next to the image's.
		k.tables.Map(0xffffffffff5fb000, 0xfed00000, oracletest.Page4K, oracletest.CacheDisable|oracletest.NoExecute)
	} else {
		// A stack for exceptions (espfix) has the entry that the image
		// has with 4 levels.
		k.tables.Map(0xffffff0000000000, p.physical+0x600000, oracletest.Page4K, oracletest.NoExecute)
	}
	m.Words(rootPage, 0x9d000|oracletest.TableBits)
	m.Words(rootPage+8*273, 0x2601000|oracletest.TableBits) // the direct map
	k.putBanner(k.rodata(), banner)
	return k
}

// mapImage maps the image's segments.
func (k *machine) mapImage() {
	const nx = oracletest.NoExecute
	for i, bits := range []uint64{0, 0, nx, nx | oracletest.Writable} {
		offset := uint64(i) * oracletest.Page2M
		k.tables.Map(k.place.virtual+oracle.Address(offset), k.place.physical+transport.Address(offset), oracletest.Page2M, bits)
	}
}

// rodata returns where the read-only data begins.
func (k *machine) rodata() transport.Address { return k.place.physical + 4*mebibyte }

// eraseBanner takes the banner away.
func (k *machine) eraseBanner() { k.Write(k.rodata(), make([]byte, 256)) }

func (k *machine) putBanner(a transport.Address, text string) { k.Write(a, []byte(text+"\n\x00")) }

// copyPage copies a page.
func (k *machine) copyPage(to, from transport.Address) {
	for i := transport.Address(0); i < transport.PageSize; i += 8 {
		k.Words(to+i, k.Word(from+i))
	}
}

// find looks for the kernel of a live machine behind a fence that fails the
// test on any read that was not allowed.
func (k *machine) find(t *testing.T) (*locate.Image, error) {
	t.Helper()
	fence := oracletest.NewFence(t, k.Memory, lowMemory)
	return locate.Find(t.Context(), locate.Options{Memory: fence, Allow: fence.Allow, Live: true})
}

// search looks for the kernel in an image that holds extent.
func (k *machine) search(t *testing.T, extent ...transport.Range) (*locate.Image, error) {
	t.Helper()
	return locate.Find(t.Context(), locate.Options{Memory: k.Memory, Allow: func(...transport.Range) {}, Extent: extent})
}
