package truth

import (
	"fmt"
	"slices"
	"strings"
)

// Namespace is a mount namespace as one of its processes sees it.
type Namespace struct {
	// Inode of /proc/PID/ns/mnt.
	Inode uint64
	PID   int
	// Mounts in the order of the file.
	Mounts []Mount
}

// Mount is a line of /proc/PID/mountinfo.
type Mount struct {
	// Line as it stands in the file.
	Line         string
	ID, ParentID int
	// Device is MAJOR:MINOR.
	Device string
	// Root, MountPoint, Type and Source are unescaped.
	Root, MountPoint string
	// Options are those of the mount.
	Options string
	// Propagation holds the optional fields, such as "shared:2".
	Propagation  []string
	Type, Source string
	// SuperOptions are those of the file system, as they stand in the file.
	SuperOptions string
}

// ParseMountInfo parses /proc/PID/mountinfo. Errors wrap [ErrFormat].
func ParseMountInfo(data []byte) ([]Mount, error) {
	var mounts []Mount
	for line := range strings.Lines(string(data)) {
		m, err := parseMount(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return nil, err
		}
		mounts = append(mounts, m)
	}
	return mounts, nil
}

// parseMount splits at single spaces: a source can be empty. A field that is a
// hyphen ends the optional ones; what comes before them is of known number.
func parseMount(line string) (Mount, error) {
	const leading, trailing = 6, 3
	fields := strings.Split(line, " ")
	if len(fields) < leading {
		return Mount{}, fmt.Errorf("%w: mountinfo %q", ErrFormat, line)
	}
	rest := fields[leading:]
	end := slices.Index(rest, "-")
	if end < 0 || len(rest)-end-1 != trailing {
		return Mount{}, fmt.Errorf("%w: mountinfo %q", ErrFormat, line)
	}
	n := numberParser{}
	m := Mount{
		Line: line, ID: n.signed(fields[0]), ParentID: n.signed(fields[1]), Device: fields[2],
		Root: Unescape(fields[3]), MountPoint: Unescape(fields[4]), Options: fields[5],
		Type: Unescape(rest[end+1]), Source: Unescape(rest[end+2]), SuperOptions: rest[end+3],
	}
	if end > 0 {
		m.Propagation = rest[:end]
	}
	if n.err != nil {
		return Mount{}, fmt.Errorf("%w: mountinfo %q: %w", ErrFormat, line, n.err)
	}
	return m, nil
}

// Unescape replaces a backslash and three octal digits by the byte they stand
// for, as the kernel writes space, tab, newline, backslash and hash.
func Unescape(text string) string {
	var plain strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+3 < len(text) && isOctal(text[i+1:i+4]) {
			plain.WriteByte((text[i+1]-'0')<<6 | (text[i+2]-'0')<<3 | (text[i+3] - '0'))
			i += 3
			continue
		}
		plain.WriteByte(text[i])
	}
	return plain.String()
}

// isOctal reports whether three digits are the octal value of a byte.
func isOctal(digits string) bool {
	return digits[0] >= '0' && digits[0] <= '3' &&
		digits[1] >= '0' && digits[1] <= '7' && digits[2] >= '0' && digits[2] <= '7'
}
