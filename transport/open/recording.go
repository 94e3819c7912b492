package open

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/record"
)

// recording is a Recorder with its file.
type recording struct {
	*record.Recorder
	file *os.File
}

// startRecording returns nil when none is asked for. It overwrites no file:
// a recording may be the only witness of what happened.
func startRecording(next transport.Memory, target string, o Options) (*recording, error) {
	if o.Record == "" {
		return nil, nil
	}
	// A recording holds what the target's memory holds, secrets included.
	file, err := os.OpenFile(o.Record, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("starting the recording: %w", err)
	}
	header := record.Header{Version: o.Version, Target: target, Started: time.Now().UTC()}
	r, err := record.New(next, file, header)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &recording{Recorder: r, file: file}, nil
}

// Close ends the recording and closes its file.
func (r *recording) Close() error { return errors.Join(r.Recorder.Close(), r.file.Close()) }
