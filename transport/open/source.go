package open

import (
	"io"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/image"
	"github.com/barescope/barescope/transport/meter"
	"github.com/barescope/barescope/transport/nettlp"
)

// source is what lies below the middleware.
type source struct {
	memory transport.Memory
	closer io.Closer
	live   bool
	// extent is the memory of an image.
	extent []transport.Range
	// retrier is nil for what never has to ask again.
	retrier meter.Retrier
	// reach is how many bytes a request carries, zero for the default.
	reach int
}

func openSource(l location, o Options) (*source, error) {
	switch l.scheme {
	case "nettlp":
		return openLink(l, o)
	case "replay":
		return openReplay(l, o)
	}
	return openFile(l)
}

func openFile(l location) (*source, error) {
	path, err := l.file()
	if err != nil {
		return nil, err
	}
	o := image.Options{Format: image.Format(l.parameters.Get("format"))}
	if list := l.parameters.Get("pieces"); list != "" {
		if o.Pieces, err = image.ParsePieces(list); err != nil {
			return nil, err
		}
	}
	m, err := image.Open(path, o)
	if err != nil {
		return nil, err
	}
	return &source{memory: m, closer: m, extent: m.Extent()}, nil
}

func openReplay(l location, o Options) (*source, error) {
	path, err := l.file()
	if err != nil {
		return nil, err
	}
	m, err := image.OpenReplay(path)
	if err != nil {
		return nil, err
	}
	h := m.Header()
	o.Log.Debug().Str("target", h.Target).Str("version", h.Version).Time("started", h.Started).Msg("replaying")
	if m.Truncated() {
		o.Log.Warn().Str("recording", path).Msg("the recording is truncated: what was read last is missing")
	}
	return &source{memory: m, closer: m, extent: m.Extent()}, nil
}

func openLink(l location, o Options) (*source, error) {
	options, err := l.link()
	if err != nil {
		return nil, err
	}
	options.Log = o.Log
	client, err := nettlp.Dial(options)
	if err != nil {
		return nil, err
	}
	return liveSource(client), nil
}

// liveSource returns a link as a source. It is closed if it can be, and asked
// for its retries and the size of its requests if it knows them.
func liveSource(memory transport.Memory) *source {
	s := &source{memory: memory, closer: io.NopCloser(nil), live: true}
	if c, ok := memory.(io.Closer); ok {
		s.closer = c
	}
	if c, ok := memory.(*nettlp.Client); ok {
		s.retrier, s.reach = link{c}, c.MRRS()
	}
	return s
}

// link counts retries as the meter wants them.
type link struct{ client *nettlp.Client }

func (l link) Retries() uint64 { return l.client.Stats().Retries }
