package oracletest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/rangeset"
)

// Fence forwards reads to a Memory and fails the test on one that nobody
// allowed. It implements [transport.Memory] and is the fence of oracle/open.
type Fence struct {
	// StopAtRefusal lets a read that does not succeed end its batch with
	// an error wrapping [transport.ErrReadsRefused], as the guard of a
	// live machine does.
	StopAtRefusal bool

	t    testing.TB
	next transport.Memory

	mu         sync.Mutex
	allowed    rangeset.Set
	restricted [][]transport.Range
}

// ErrRefused is what a Fence with StopAtRefusal ends a batch with.
var ErrRefused = errors.Join(errors.New("the first read of a range failed"), transport.ErrReadsRefused)

// NewFence returns a fence before next that allows the given ranges.
func NewFence(t testing.TB, next transport.Memory, allowed ...transport.Range) *Fence {
	return &Fence{t: t, next: next, allowed: rangeset.Of(allowed...)}
}

// Allow adds ranges. It fails the test once Restrict was called.
func (f *Fence) Allow(ranges ...transport.Range) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.restricted != nil {
		f.t.Errorf("%v are to be allowed after Restrict", ranges)
		return
	}
	f.allowed = f.allowed.Union(rangeset.Of(ranges...))
}

// Restrict allows exactly these ranges from now on.
func (f *Fence) Restrict(ranges []transport.Range) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.restricted = append(f.restricted, slices.Clone(ranges))
	f.allowed = rangeset.Of(ranges...)
}

// Restrictions returns what Restrict was called with, once for each call.
func (f *Fence) Restrictions() [][]transport.Range {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.restricted
}

// Allowed returns what may be read.
func (f *Fence) Allowed() []transport.Range {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.allowed.Ranges()
}

// ReadPhysical implements [transport.Memory].
func (f *Fence) ReadPhysical(ctx context.Context, reads []transport.Read) error {
	f.mu.Lock()
	for i := range reads {
		if r := reads[i].Range(); r.Length > 0 && !f.allowed.Contains(r) {
			f.t.Errorf("read of %s, which nobody allowed", r)
		}
	}
	f.mu.Unlock()
	if err := f.next.ReadPhysical(ctx, reads); err != nil {
		return err
	}
	for i := range reads {
		if f.StopAtRefusal && reads[i].Outcome != transport.Success {
			return ErrRefused
		}
	}
	return nil
}
