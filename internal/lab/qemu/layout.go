package qemu

import "github.com/barescope/barescope/transport/image"

const (
	mebibyte = 1 << 20
	// aboveHole is where q35 goes on behind the hole below 4 GiB.
	aboveHole = 4 << 30
	// A q35 keeps RAM below the hole as long as it ends at or below
	// 2.75 GiB. With more than that, the lower part is 2 GiB, so that the
	// upper one starts at a multiple of 1 GiB in the file.
	// Source: pc_q35_init in QEMU's hw/i386/pc_q35.c.
	holeFrom = 0xb000_0000
	lowWith  = 0x8000_0000
)

// layout returns where the RAM of a q35 with that many MiB lies.
func layout(memory int) []image.Piece {
	size := uint64(memory) * mebibyte
	if size < holeFrom {
		return []image.Piece{{Length: size}}
	}
	return []image.Piece{
		{Length: lowWith},
		{Physical: aboveHole, Offset: lowWith, Length: size - lowWith},
	}
}
