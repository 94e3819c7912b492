package dump

import (
	"crypto/sha256"
	"encoding"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"os"
	"slices"
	"time"

	"github.com/barescope/barescope/transport"
)

// journal says how far a dump has come, and of what it is.
type journal struct {
	Version int               `json:"version"`
	Format  Format            `json:"format"`
	Ranges  []transport.Range `json:"ranges"`
	Size    uint64            `json:"size"` // of the complete file
	Machine Machine           `json:"machine"`
	Started time.Time         `json:"started"`
	// Elapsed is how long all sessions took.
	Elapsed  time.Duration `json:"elapsed"`
	Sessions int           `json:"sessions"`

	// Offset is up to where the file is right, Stored how much of that is
	// no hole. Hash is SHA-256 in the middle of its work.
	Offset     uint64    `json:"offset"`
	Stored     uint64    `json:"stored"`
	Hash       []byte    `json:"hash"`
	Unreadable listState `json:"unreadable"`
}

const (
	journalVersion = 1
	// maxJournal bounds the file: 64 Ki ranges of 80 bytes.
	maxJournal = 5 << 20
)

// parseJournal returns the journal that is stored in r, and the hash that it
// has. The error wraps [ErrBadJournal].
func parseJournal(r io.Reader) (*journal, hash.Hash, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxJournal))
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrBadJournal, err)
	}
	var j journal
	if err := json.Unmarshal(text, &j); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrBadJournal, err)
	}
	switch u := j.Unreadable; {
	case j.Version != journalVersion:
		return nil, nil, fmt.Errorf("%w: version %d, only %d is understood", ErrBadJournal, j.Version, journalVersion)
	case j.Size > maxSize || j.Offset > j.Size || j.Stored > j.Offset || j.Elapsed < 0 || j.Sessions < 1:
		return nil, nil, fmt.Errorf("%w: offset %d of %d", ErrBadJournal, j.Offset, j.Size)
	case u.Size < 0 || u.Bytes > j.Offset || u.Pending.Length > u.Bytes:
		return nil, nil, fmt.Errorf("%w: %d bytes unreadable of %d", ErrBadJournal, u.Bytes, j.Offset)
	}
	h := sha256.New()
	if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(j.Hash); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrBadJournal, err)
	}
	return &j, h, nil
}

// continues checks that what is asked for is what the journal has begun. The
// error wraps [ErrOtherDump] or [ErrOtherBoot].
func (j *journal) continues(o *Options, l *layout) error {
	switch {
	case j.Format != o.Format:
		return fmt.Errorf("%w: it is %s, not %s", ErrOtherDump, j.Format, o.Format)
	case !j.Machine.same(o.Machine):
		return fmt.Errorf("%w: kernel %s at %s booted %s, not %s at %s booted %s", ErrOtherBoot,
			j.Machine.BuildID, j.Machine.TextPhys, j.Machine.Booted.UTC().Format(time.RFC3339),
			o.Machine.BuildID, o.Machine.TextPhys, o.Machine.Booted.UTC().Format(time.RFC3339))
	case !slices.Equal(j.Ranges, o.Ranges):
		return fmt.Errorf("%w: it is of %v, not of %v", ErrOtherDump, j.Ranges, o.Ranges)
	case j.Size != l.size: // the kernel says more in its notes than before
		return fmt.Errorf("%w: it will have %d bytes, not %d", ErrOtherDump, j.Size, l.size)
	}
	return nil
}

// save replaces the journal at a path, so that there is always a whole one.
func (j *journal) save(path string) error {
	text, err := json.Marshal(j)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		_ = os.Remove(path + ".new")
		return err
	}
	return os.Rename(path+".new", path)
}
