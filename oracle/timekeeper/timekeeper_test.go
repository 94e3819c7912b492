package timekeeper_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/oracle/oracletest"
	"github.com/barescope/barescope/oracle/timekeeper"
	"github.com/barescope/barescope/transport"
)

const clockAt = oracle.Address(0xffffffff82a00040)

// keeper is struct timekeeper in the order of this test's words.
var keeper = oracletest.Struct("timekeeper", 88,
	oracletest.At(0, "tkr_mono", oracletest.Struct("tk_read_base", 24,
		oracletest.At(0, "mult", oracletest.Int(4)), oracletest.At(4, "shift", oracletest.Int(4)),
		oracletest.At(8, "xtime_nsec", oracletest.Int(8)))),
	oracletest.At(24, "xtime_sec", oracletest.Int(8)),
	oracletest.At(32, "wall_to_monotonic", oracletest.Struct("timespec64", 16,
		oracletest.At(0, "tv_sec", oracletest.Int(8)), oracletest.At(8, "tv_nsec", oracletest.Int(8)))),
	oracletest.At(48, "offs_real", oracletest.Int(8)), oracletest.At(56, "offs_boot", oracletest.Int(8)))

var tkData = oracletest.Struct("tk_data", 192, oracletest.At(64, "timekeeper", keeper))

// reading is what a timekeeper holds.
type reading struct {
	multiplier, shift  uint32
	nanoseconds        uint64
	seconds            int64
	monotonicSeconds   int64
	monotonicNanos     int64
	realOffset, booted int64
}

// at12 is a clock at 12:00:00.5 on 29 February 2024 of a kernel that booted
// an hour and a quarter of a second before, and slept ten seconds of these.
var at12 = reading{
	multiplier: 0x800000, shift: 24, nanoseconds: 500_000_000 << 24, seconds: 1709208000,
	monotonicSeconds: -1709208000 + 3589, monotonicNanos: 750_000_000,
	realOffset: (1709208000-3590)*1e9 + 250_000_000, booted: 10e9,
}

func (r reading) kernel(at oracle.Address, symbol string, types ...*layout.Type) *oracletest.Kernel {
	k := &oracletest.Kernel{
		Memory: oracletest.NewMemory(), Types: types, Symbols: map[string]oracle.Address{symbol: clockAt},
	}
	k.Words(oracletest.Physical(at), uint64(r.shift)<<32|uint64(r.multiplier), r.nanoseconds, 0, uint64(r.seconds),
		uint64(r.monotonicSeconds), uint64(r.monotonicNanos), uint64(r.realOffset), uint64(r.booted))
	return k
}

func read(t *testing.T, k timekeeper.Kernel) (timekeeper.Clock, error) {
	t.Helper()
	r, err := timekeeper.NewReader(t.Context(), k)
	if err != nil {
		return timekeeper.Clock{}, err
	}
	b := object.NewBatch()
	clock := r.Add(b)
	if err := b.Read(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	return clock()
}

// TestReader finds the timekeeper under each of the names that it has had.
func TestReader(t *testing.T) {
	want := timekeeper.Clock{Boot: time.Date(2024, 2, 29, 11, 0, 0, 250e6, time.UTC), Up: time.Hour + 250*time.Millisecond}
	tests := map[string]*oracletest.Kernel{
		"shadow_timekeeper":                    at12.kernel(clockAt, "shadow_timekeeper", keeper),
		"shadow_timekeeper, unrelated tk_data": at12.kernel(clockAt, "shadow_timekeeper", keeper, tkData),
		"tk_core":                              at12.kernel(clockAt+64, "tk_core", keeper, tkData),
		"timekeeper_data":                      at12.kernel(clockAt+64, "timekeeper_data", keeper, tkData),
	}
	for name, k := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := read(t, k)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("clock (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReaderNeedsSymbolsAndTypes(t *testing.T) {
	tests := map[string]struct {
		kernel *oracletest.Kernel
		want   error
	}{
		"no symbol":           {at12.kernel(clockAt, "jiffies", keeper, tkData), oracle.ErrUnknownSymbol},
		"tk_core without it":  {at12.kernel(clockAt, "tk_core", keeper), layout.ErrUnknownType},
		"no type":             {at12.kernel(clockAt, "shadow_timekeeper"), layout.ErrUnknownType},
		"type without a part": {at12.kernel(clockAt, "shadow_timekeeper", partOf(keeper)), layout.ErrUnknownMember},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if r, err := timekeeper.NewReader(t.Context(), tt.kernel); r != nil || !errors.Is(err, tt.want) {
				t.Errorf("NewReader = %v, %v, want %v", r, err, tt.want)
			}
		})
	}
}

// partOf returns a timekeeper without its offsets.
func partOf(t *layout.Type) *layout.Type { return oracletest.Struct(t.Name, t.Size, t.Members[:3]...) }

func TestClock(t *testing.T) {
	with := func(change func(*reading)) reading {
		r := at12
		change(&r)
		return r
	}
	tests := map[string]struct {
		reading reading
		want    timekeeper.Clock
		err     error
	}{
		"set to a time before it booted in 1970": {
			reading: with(func(r *reading) { r.realOffset = -3600e9 }),
			want:    timekeeper.Clock{Boot: time.Unix(-3610, 0).UTC(), Up: time.Hour + 250*time.Millisecond},
		},
		"just booted": {
			reading: with(func(r *reading) { r.monotonicSeconds, r.monotonicNanos, r.booted = -r.seconds, -500_000_000, 0 }),
			want:    timekeeper.Clock{Boot: time.Unix(0, at12.realOffset).UTC()},
		},
		"zeros":                    {reading: reading{}, err: timekeeper.ErrImplausible},
		"no multiplier":            {reading: with(func(r *reading) { r.multiplier = 0 }), err: timekeeper.ErrImplausible},
		"shift of 33":              {reading: with(func(r *reading) { r.shift = 33 }), err: timekeeper.ErrImplausible},
		"hostile shift":            {reading: with(func(r *reading) { r.shift = 1<<32 - 1 }), err: timekeeper.ErrImplausible},
		"up since the future":      {reading: with(func(r *reading) { r.monotonicSeconds *= 2 }), err: timekeeper.ErrImplausible},
		"up for 200 years":         {reading: with(func(r *reading) { r.monotonicSeconds += 200 * 365 * 86400 }), err: timekeeper.ErrImplausible},
		"seconds that overflow":    {reading: with(func(r *reading) { r.seconds = 1<<63 - 1; r.monotonicSeconds = 1<<63 - 1 }), err: timekeeper.ErrImplausible},
		"nanoseconds of 500 years": {reading: with(func(r *reading) { r.shift, r.nanoseconds = 0, 1<<64-1 }), err: timekeeper.ErrImplausible},
		"nanoseconds below zero":   {reading: with(func(r *reading) { r.monotonicNanos = -1 << 63 }), err: timekeeper.ErrImplausible},
		"suspended for ages":       {reading: with(func(r *reading) { r.booted = 1<<63 - 1 }), err: timekeeper.ErrImplausible},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := read(t, tt.reading.kernel(clockAt, "shadow_timekeeper", keeper))
			if !errors.Is(err, tt.err) {
				t.Fatalf("err = %v, want %v", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("clock (-want +got):\n%s", diff)
			}
		})
	}
}

func TestClockThatCannotBeRead(t *testing.T) {
	k := at12.kernel(clockAt, "shadow_timekeeper", keeper)
	k.Fail(transport.Range{Start: oracletest.Physical(clockAt), Length: 88}, transport.Timeout)
	if got, err := read(t, k); !errors.Is(err, timekeeper.ErrImplausible) {
		t.Errorf("clock = %v, %v", got, err)
	}
}
