package object

import (
	"cmp"
	"slices"

	"github.com/barescope/barescope/oracle/layout"
)

// mergeGap is how many unwanted bytes between two members are read along
// rather than start another read. A read's request and its completion header
// take about as much of the link.
const mergeGap = 64

// arrangement says which reads hold which members of a structure. It is not
// modified once it is made: objects that were read with it keep it while
// their plan gets more members.
type arrangement struct {
	fields []layout.Field // indexed by Member.index-1
	holder []int          // the span that holds each of fields
	spans  []span
	size   uint64 // of all spans
}

// span is one read, relative to the structure.
type span struct{ offset, size uint64 }

func (s span) end() uint64 { return s.offset + s.size }

// arrange computes the spans: fields by offset, neighbours merged.
func arrange(fields []layout.Field) arrangement {
	order := make([]int, len(fields))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(fields[a].Offset, fields[b].Offset) })
	a := arrangement{fields: fields, holder: make([]int, len(fields))}
	for _, i := range order {
		f := fields[i]
		last := len(a.spans) - 1
		if last < 0 || f.Offset > a.spans[last].end()+mergeGap {
			a.spans = append(a.spans, span{offset: f.Offset, size: f.Size})
			last++
		} else if f.End() > a.spans[last].end() {
			a.spans[last].size = f.End() - a.spans[last].offset
		}
		a.holder[i] = last
	}
	for _, s := range a.spans {
		a.size += s.size
	}
	return a
}
