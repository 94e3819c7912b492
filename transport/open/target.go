package open

import (
	"errors"
	"io"

	"github.com/rs/zerolog"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/cache"
	"github.com/barescope/barescope/transport/guard"
	"github.com/barescope/barescope/transport/meter"
)

// Options of [Open]. The zero value is usable.
type Options struct {
	// RAM is what the operator says is memory of a live target. It may be
	// read from the start, and searched.
	RAM []transport.Range
	// Record is the file to record to, empty for none. The file must not
	// exist yet.
	Record string
	// Version of the program, for the recording's header.
	Version string
	// Log takes what is not worth an error. The zero Logger is silent.
	Log zerolog.Logger
}

// Target is memory behind the middleware that every target has.
type Target struct {
	// Memory is the whole stack; reads go through it.
	transport.Memory
	// Guard says what may be read, Cache what stays fresh, Meter what
	// reading has cost.
	Guard *guard.Guard
	Cache *cache.Cache
	Meter *meter.Meter
	// Live is true for a machine that is read while it runs, where a read
	// outside of RAM does harm.
	Live bool
	// Extent is the memory that an image holds, or that the operator says
	// a live target has: what may be searched. Nil when it is not known.
	Extent []transport.Range

	closers []io.Closer // in the order of closing
}

// Open opens the target that a URL names. The error wraps
// [transport.ErrBadTarget] when the URL or the file is not understood, and
// [transport.ErrNoLink] when a link cannot be set up. It is another one when
// the recording cannot be started.
func Open(target string, o Options) (*Target, error) {
	l, err := parse(target)
	if err != nil {
		return nil, err
	}
	s, err := openSource(l, o)
	if err != nil {
		return nil, err
	}
	return open(s, target, o)
}

// Live returns the target behind a link that is there already, however it was
// made; name is for the recording. Close closes the link if it is an
// io.Closer. The error says that the recording cannot be started, upon which
// the link is closed, too.
func Live(memory transport.Memory, name string, o Options) (*Target, error) {
	return open(liveSource(memory), name, o)
}

func open(s *source, name string, o Options) (*Target, error) {
	recorder, err := startRecording(s.memory, name, o)
	if err != nil {
		return nil, errors.Join(err, s.closer.Close())
	}
	return stack(s, recorder, o), nil
}

// stack puts the middleware before a source.
func stack(s *source, recorder *recording, o Options) *Target {
	t := &Target{Live: s.live, closers: []io.Closer{s.closer}}
	if recorder != nil {
		s.memory = recorder
		t.closers = []io.Closer{recorder, s.closer}
	}
	t.Meter = meter.New(s.memory)
	if s.retrier != nil {
		t.Meter.Watch(s.retrier)
	}
	t.Guard = guard.New(t.Meter, s.extent...)
	if s.live {
		t.Guard.Allow(guard.LowMemory)
		t.Guard.Allow(o.RAM...)
	}
	if !s.live || len(o.RAM) > 0 {
		t.Extent = t.Guard.Allowed()
	}
	t.Cache = cache.New(t.Guard, cache.Options{Bounds: t.Guard.Allows, Reach: s.reach})
	t.Memory = t.Cache
	return t
}

// Close ends the recording and closes the link or the image. The Target must
// not be read after it. The error says that the recording is not complete.
func (t *Target) Close() error {
	var errs []error
	for _, c := range t.closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}
