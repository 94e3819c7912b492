package meter_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/meter"
)

// link answers each read with the outcome that its address names, and has
// retried five times.
type link struct{ err error }

func (l link) ReadPhysical(_ context.Context, reads []transport.Read) error {
	for i := range reads {
		reads[i].Outcome = transport.Outcome(reads[i].Address)
	}
	return l.err
}

func (link) Retries() uint64 { return 5 }

func submit(t *testing.T, m *meter.Meter, outcomes ...transport.Outcome) {
	t.Helper()
	reads := make([]transport.Read, len(outcomes))
	for i, o := range outcomes {
		reads[i] = transport.Read{Address: transport.Address(o), Data: make([]byte, 10)}
	}
	if err := m.ReadPhysical(context.Background(), reads); err != nil {
		t.Fatal(err)
	}
	for i, o := range outcomes {
		if reads[i].Outcome != o {
			t.Errorf("read %d: %v", i, reads[i].Outcome)
		}
	}
}

func TestCounts(t *testing.T) {
	m := meter.New(link{})
	submit(t, m, transport.Success, transport.Timeout, transport.Timeout)
	before := m.Counts()
	if diff := cmp.Diff(meter.Counts{Batches: 1, Reads: 3, Bytes: 30, Delivered: 10,
		Failed: map[transport.Outcome]uint64{transport.Timeout: 2}}, before); diff != "" {
		t.Error(diff)
	}
	m.Watch(link{})
	submit(t, m, transport.Success, transport.Absent)
	submit(t, m)
	want := meter.Counts{Batches: 2, Reads: 2, Bytes: 20, Delivered: 10, Retries: 5,
		Failed: map[transport.Outcome]uint64{transport.Absent: 1}}
	if diff := cmp.Diff(want, m.Counts().Sub(before)); diff != "" {
		t.Error(diff)
	}
	if n := before.Failed[transport.Absent]; n != 0 {
		t.Errorf("earlier counts changed: %d", n)
	}
}

func TestErrorCounts(t *testing.T) {
	m := meter.New(link{err: transport.ErrNoLink})
	err := m.ReadPhysical(context.Background(), []transport.Read{{Data: make([]byte, 10)}})
	if !errors.Is(err, transport.ErrNoLink) {
		t.Errorf("error is %v", err)
	}
	want := meter.Counts{Batches: 1, Reads: 1, Bytes: 10, Failed: map[transport.Outcome]uint64{transport.NotRead: 1}}
	if diff := cmp.Diff(want, m.Counts()); diff != "" {
		t.Error(diff)
	}
}
