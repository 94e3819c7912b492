package dump

import (
	"encoding/hex"
	"os"
	"time"

	"github.com/barescope/barescope/transport"
)

// maxListed bounds how much of what could not be read a manifest lists.
const maxListed = 1000

// Manifest describes a complete dump.
type Manifest struct {
	Path   string
	Format Format
	// Ranges are the memory that was dumped, Memory is their length.
	Ranges []transport.Range
	Memory uint64
	// Size of the file, and how much of it is no hole, in bytes.
	Size, Stored uint64
	// SHA256 of the file as it reads, holes as zeros, in hexadecimal: what
	// sha256sum prints.
	SHA256 string

	// Unreadable is how much memory could not be read, in bytes: it is
	// zeros in the file. It is in UnreadableRanges ranges, all of which
	// UnreadableFile lists; that is empty when there are none. Listed are
	// the first thousand, such as "0x1000-0x1fff timeout".
	Unreadable, UnreadableRanges uint64
	UnreadableFile               string
	Listed                       []string

	Machine Machine
	// Started is when the dump was begun, Elapsed how long all Sessions
	// took: one, and one for each time it was resumed.
	Started  time.Time
	Elapsed  time.Duration
	Sessions int
}

// Rate returns how many bytes of memory were dumped in a second.
func (m *Manifest) Rate() uint64 {
	if m.Elapsed <= 0 {
		return 0
	}
	return uint64(float64(m.Memory) / m.Elapsed.Seconds())
}

func (d *dumper) manifest() (*Manifest, error) {
	j := &d.journal
	m := &Manifest{
		Path: d.names.path, Format: j.Format, Ranges: j.Ranges, Memory: d.total, Size: j.Size, Stored: j.Stored,
		SHA256:     hex.EncodeToString(d.sink.hash.Sum(nil)),
		Unreadable: j.Unreadable.Bytes, UnreadableRanges: j.Unreadable.Ranges, Listed: []string{},
		Machine: j.Machine, Started: j.Started, Elapsed: j.Elapsed, Sessions: j.Sessions,
	}
	if m.Unreadable == 0 {
		return m, nil
	}
	m.UnreadableFile = d.names.unreadable()
	f, err := os.Open(m.UnreadableFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m.Listed, err = listed(f, maxListed)
	return m, err
}
