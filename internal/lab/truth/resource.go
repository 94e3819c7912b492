package truth

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/barescope/barescope/transport"
)

// Resource is a line of /proc/iomem.
type Resource struct {
	// Start and End of the range, both inside it.
	Start, End transport.Address
	// Depth is how many resources it lies in.
	Depth int
	Name  string
}

// ParseIOMem parses /proc/iomem. Errors wrap [ErrFormat].
func ParseIOMem(data []byte) ([]Resource, error) {
	var resources []Resource
	for line := range strings.Lines(string(data)) {
		r, err := parseResource(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return nil, fmt.Errorf("%w: iomem %q: %w", ErrFormat, line, err)
		}
		resources = append(resources, r)
	}
	return resources, nil
}

func parseResource(line string) (Resource, error) {
	text := strings.TrimLeft(line, " ")
	bounds, name, found := strings.Cut(text, " : ")
	first, last, ranged := strings.Cut(bounds, "-")
	if !found || !ranged {
		return Resource{}, fmt.Errorf("no range and name")
	}
	start, err := strconv.ParseUint(first, 16, 64)
	if err != nil {
		return Resource{}, err
	}
	end, err := strconv.ParseUint(last, 16, 64)
	if err != nil {
		return Resource{}, err
	}
	return Resource{
		Start: transport.Address(start), End: transport.Address(end),
		Depth: (len(line) - len(text)) / 2, Name: name,
	}, nil
}

// SystemRAM returns the ranges of RAM that the kernel uses.
func (s *Snapshot) SystemRAM() []transport.Range {
	var ranges []transport.Range
	for _, r := range s.Resources {
		if r.Name == "System RAM" && r.Depth == 0 {
			ranges = append(ranges, transport.Range{Start: r.Start, Length: uint64(r.End-r.Start) + 1})
		}
	}
	return ranges
}
