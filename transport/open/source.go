package open

import (
	"io"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/image"
)

// source is what lies below the middleware.
type source struct {
	memory transport.Memory
	closer io.Closer
	live   bool
	extent []transport.Range // of an image
}

func openSource(l location, o Options) (*source, error) {
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
