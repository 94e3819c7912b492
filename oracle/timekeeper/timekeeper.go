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

// ErrImplausible means that what should be the timekeeper holds no time, or
// could not be read.
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
	if err := p.Err(); err != nil {
		return nil, err
	}
	return r, nil
}

// find returns the address of the timekeeper. Until 6.12 the one that the
// kernel's own clock is read from is in a structure without a name, which no
// type describes; its shadow, a variable of its own, holds the same time.
// Since 6.13 both are in a struct tk_data, and since 6.17 that is the first
// of an array.
func find(ctx context.Context, k Kernel) (oracle.Address, error) {
	if a, err := k.Symbol(ctx, "shadow_timekeeper"); err == nil {
		return a, nil
	}
	for _, name := range []string{"timekeeper_data", "tk_core"} {
		a, err := k.Symbol(ctx, name)
		if err != nil {
			continue
		}
		data, err := k.Type(ctx, layout.Struct, "tk_data", "timekeeper")
		if err != nil {
			return 0, err
		}
		f, err := data.Field("timekeeper")
		return a + oracle.Address(f.Offset), err
	}
	return 0, fmt.Errorf("no timekeeper: %w", oracle.ErrUnknownSymbol)
}

// Add puts the reading into a batch; the returned function gives the clock
// once that is read. Its error wraps [ErrImplausible].
func (r *Reader) Add(b *object.Batch) func() (Clock, error) {
	o := r.plan.Add(b, []oracle.Address{r.address})
	return func() (Clock, error) { return r.clock(&o[0]) }
}

func (r *Reader) clock(o *object.Object) (Clock, error) {
	if !o.Readable() {
		return Clock{}, fmt.Errorf("timekeeper at %s is %s: %w", o.Address, o.Outcome(r.seconds), ErrImplausible)
	}
	shift := o.Uint(r.shift)
	if shift > 32 || o.Uint(r.multiplier) == 0 {
		return Clock{}, fmt.Errorf("timekeeper at %s with a shift of %d: %w", o.Address, shift, ErrImplausible)
	}
	wall, boot := o.Int(r.realOffset), o.Int(r.bootOffset)
	seconds := o.Int(r.seconds) + o.Int(r.monotonicSeconds)
	fraction := o.Uint(r.nanoseconds) >> shift
	plausible := within(seconds, maxUp/int64(time.Second)) && within(boot, maxUp) &&
		fraction <= uint64(maxUp) && within(o.Int(r.monotonicNanos), int64(time.Second))
	up := time.Duration(seconds)*time.Second + time.Duration(fraction) + time.Duration(o.Int(r.monotonicNanos)+boot)
	if !plausible || seconds < 0 || up < 0 {
		return Clock{}, fmt.Errorf("timekeeper at %s: up for %ds and suspended for %dns: %w", o.Address, seconds, boot, ErrImplausible)
	}
	return Clock{Boot: time.Unix(0, wall-boot).UTC(), Up: up}, nil
}

// maxUp bounds each part of an uptime in nanoseconds. Three of them still fit
// into 64 bits.
const maxUp = int64(80 * 365 * 24 * time.Hour)

// within reports whether v lies in [-limit, limit].
func within(v, limit int64) bool { return -limit <= v && v <= limit }
