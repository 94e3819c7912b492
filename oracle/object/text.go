package object

import (
	"bytes"
	"context"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/transport"
)

// Text is a NUL-terminated string of the target.
type Text struct {
	// Value without the NUL; of any content.
	Value string
	// Complete is false when the string could not be read, or had no NUL
	// within the length allowed: Value then is what there was before.
	Complete bool
}

// firstTextRead is how much of a string is read at first: most are shorter.
const firstTextRead = 64

// ReadTexts reads the NUL-terminated strings at the addresses, each of at
// most limit bytes, NUL included. Each address is read once however often it
// occurs; 0 is left out. It takes two dependent batches at most. The error is
// that of ReadVirtual.
func ReadTexts(ctx context.Context, m oracle.Memory, addresses []oracle.Address, limit int) (map[oracle.Address]Text, error) {
	texts := make(map[oracle.Address]Text, len(addresses))
	var reads []oracle.Read
	for _, a := range addresses {
		if _, seen := texts[a]; seen || a == 0 {
			continue
		}
		texts[a] = Text{}
		if n := min(limit, firstTextRead, toPageEnd(a)); n > 0 {
			reads = append(reads, oracle.Read{Address: a, Data: make([]byte, n)})
		}
	}
	if len(reads) == 0 {
		return texts, nil
	}
	if err := m.ReadVirtual(ctx, reads); err != nil {
		return texts, err
	}
	var rest []continuation
	for i := range reads {
		r := &reads[i]
		texts[r.Address] = textOf(r)
		if r.Outcome == transport.Success && !texts[r.Address].Complete {
			rest = append(rest, continuations(r, limit)...)
		}
	}
	return texts, readRest(ctx, m, texts, rest)
}

// continuation is a read of what may follow the first read of a string.
type continuation struct {
	text oracle.Address
	read oracle.Read
}

// continuations returns the reads of what may follow r, one for each page:
// the string may end in the last page that is mapped.
func continuations(r *oracle.Read, limit int) []continuation {
	var more []continuation
	next, left := r.Address+oracle.Address(len(r.Data)), limit-len(r.Data)
	for left > 0 {
		n := min(left, toPageEnd(next))
		more = append(more, continuation{r.Address, oracle.Read{Address: next, Data: make([]byte, n)}})
		next, left = next+oracle.Address(n), left-n
	}
	return more
}

// readRest reads continuations, which stand in the order of their strings'
// bytes, and joins each to its text until that is complete or has a gap.
func readRest(ctx context.Context, m oracle.Memory, texts map[oracle.Address]Text, rest []continuation) error {
	if len(rest) == 0 {
		return nil
	}
	reads := make([]oracle.Read, len(rest))
	for i := range rest {
		reads[i] = rest[i].read
	}
	err := m.ReadVirtual(ctx, reads)
	gap := make(map[oracle.Address]bool)
	for i := range reads {
		a := rest[i].text
		if texts[a].Complete || gap[a] {
			continue
		}
		gap[a] = reads[i].Outcome != transport.Success
		more := textOf(&reads[i])
		texts[a] = Text{Value: texts[a].Value + more.Value, Complete: more.Complete}
	}
	return err
}

func textOf(r *oracle.Read) Text {
	if r.Outcome != transport.Success {
		return Text{}
	}
	if i := bytes.IndexByte(r.Data, 0); i >= 0 {
		return Text{Value: string(r.Data[:i]), Complete: true}
	}
	return Text{Value: string(r.Data)}
}

func toPageEnd(a oracle.Address) int {
	return int(transport.PageSize - a%transport.PageSize)
}
