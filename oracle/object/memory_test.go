package object

import (
	"context"
	"encoding/binary"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/transport"
)

// pages is virtual memory of 4 KiB pages; what is not in it is unmapped. It
// keeps the reads of every batch.
type pages struct {
	mapped  map[oracle.Address][]byte
	batches [][]oracle.Read
}

func newPages() *pages { return &pages{mapped: make(map[oracle.Address][]byte)} }

func (p *pages) ReadVirtual(ctx context.Context, reads []oracle.Read) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p.batches = append(p.batches, reads)
	for i := range reads {
		reads[i].Outcome = transport.Success
		for j := range reads[i].Data {
			a := reads[i].Address + oracle.Address(j)
			page, ok := p.mapped[a&^0xfff]
			if !ok {
				reads[i].Outcome = transport.Unmapped
				break
			}
			reads[i].Data[j] = page[a&0xfff]
		}
	}
	return nil
}

// write maps the pages it needs.
func (p *pages) write(a oracle.Address, data string) {
	for i := range len(data) {
		at := a + oracle.Address(i)
		if p.mapped[at&^0xfff] == nil {
			p.mapped[at&^0xfff] = make([]byte, transport.PageSize)
		}
		p.mapped[at&^0xfff][at&0xfff] = data[i]
	}
}

// number writes a little-endian number of size bytes.
func (p *pages) number(a oracle.Address, size int, value uint64) {
	p.write(a, string(binary.LittleEndian.AppendUint64(nil, value)[:size]))
}

// integer returns an integer type.
func integer(size uint64) *layout.Type { return &layout.Type{Kind: layout.Int, Size: size} }

// structure returns a structure of 8 KiB with the members given.
func structure(members ...layout.Member) *layout.Type {
	return &layout.Type{Kind: layout.Struct, Name: "s", Size: 8192, Members: members}
}

func member(name string, offset uint64, t *layout.Type) layout.Member {
	return layout.Member{Name: name, Type: t, Offset: offset * 8}
}
