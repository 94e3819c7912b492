package timekeeper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/container"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
)

// ErrImplausible means that what should be the timekeeper holds no time.
var ErrImplausible = errors.New("implausible timekeeper")

// Kernel is what the timekeeper is found with.
type Kernel interface {
	container.Kernel
	Symbol(ctx context.Context, name string) (oracle.Address, error)
}

// Clock is a reading of the kernel's clocks.
type Clock struct {
	// Boot is the wall-clock time of boot, as btime in /proc/stat.
	Boot time.Time
	// Up is the time since then, suspension included, at the last update.
	Up time.Duration
}

// Reader reads the clock of one kernel again and again.
type Reader struct {
	plan                               *object.Plan
	address                            oracle.Address
	seconds, nanoseconds, shift        object.Member
	monotonicSeconds, monotonicNanos   object.Member
	realOffset, bootOffset, multiplier object.Member
}

// NewReader finds the timekeeper. The error wraps [oracle.ErrUnknownSymbol] or
// one of the errors of layout.
func NewReader(ctx context.Context, k Kernel) (*Reader, error) {
	address, err := find(ctx, k)
	if err != nil {
		return nil, err
	}
	t, err := k.Type(ctx, layout.Struct, "timekeeper", "xtime_sec", "tkr_mono")
	if err != nil {
		return nil, err
	}
	p := object.NewPlan(t)
	r := &Reader{
		plan:             p,
		address:          address,
		seconds:          p.Member("xtime_sec"),
		nanoseconds:      p.Member("tkr_mono.xtime_nsec"),
		shift:            p.Member("tkr_mono.shift"),
		multiplier:       p.Member("tkr_mono.mult"),
		monotonicSeconds: p.Member("wall_to_monotonic.tv_sec"),
		monotonicNanos:   p.Member("wall_to_monotonic.tv_nsec"),
		realOffset:       p.Member("offs_real"),
		bootOffset:       p.Member("offs_boot"),
	}
	return r, p.Err()
}

// find returns the address of the timekeeper that the kernel's own clock is
// read from. Until 6.12 it is in a structure without a name, which no type
// describes; its shadow, a variable of its own, holds the same time.
func find(ctx context.Context, k Kernel) (oracle.Address, error) {
	if data, err := k.Type(ctx, layout.Struct, "tk_data", "timekeeper"); err == nil {
		f, err := data.Field("timekeeper")
		if err != nil {
			return 0, err
		}
		for _, name := range []string{"timekeeper_data", "tk_core"} { // an array since 6.17
			if a, err := k.Symbol(ctx, name); err == nil {
				return a + oracle.Address(f.Offset), nil
			}
		}
	}
	a, err := k.Symbol(ctx, "shadow_timekeeper")
	if err != nil {
		return 0, fmt.Errorf("no timekeeper: %w", err)
	}
	return a, nil
}

// Add puts the reading into a batch; the returned function gives the clock
// once that is read. Its error wraps [ErrImplausible].
func (r *Reader) Add(b *object.Batch) func() (Clock, error) {
	o := r.plan.Add(b, []oracle.Address{r.address})
	return func() (Clock, error) { return r.clock(&o[0]) }
}

func (r *Reader) clock(o *object.Object) (Clock, error) {
	shift := o.Uint(r.shift)
	if !o.Readable() || shift > 32 || o.Uint(r.multiplier) == 0 {
		return Clock{}, fmt.Errorf("timekeeper at %s: %w", o.Address, ErrImplausible)
	}
	real, boot := o.Int(r.realOffset), o.Int(r.bootOffset)
	seconds := o.Int(r.seconds) + o.Int(r.monotonicSeconds)
	nanos := int64(o.Uint(r.nanoseconds)>>shift) + o.Int(r.monotonicNanos) + boot
	up := time.Duration(seconds)*time.Second + time.Duration(nanos)
	if seconds < 0 || seconds > int64(200*365*24*time.Hour/time.Second) || up < 0 {
		return Clock{}, fmt.Errorf("timekeeper at %s: up for %ds: %w", o.Address, seconds, ErrImplausible)
	}
	return Clock{Boot: time.Unix(0, real-boot).UTC(), Up: up}, nil
}
