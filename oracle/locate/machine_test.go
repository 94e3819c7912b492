package locate_test

import (
	"testing"

	"github.com/barescope/barescope/oracle/locate"
	"github.com/barescope/barescope/oracle/oracletest"
	"github.com/barescope/barescope/transport"
)

const (
	banner   = oracletest.Banner
	rootPage = oracletest.TrampolineRoot
	mebibyte = 1 << 20
)

var lowMemory = oracletest.LowMemory

// machine is a machine whose kernel is looked for.
type machine struct{ *oracletest.Machine }

func newMachine(p oracletest.Place) *machine { return &machine{oracletest.NewMachine(p)} }

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
