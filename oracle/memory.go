package oracle

import (
	"context"
	"fmt"

	"github.com/barescope/barescope/transport"
)

// Address is a virtual address of the target's kernel, in bytes.
type Address uint64

// String returns the address in hexadecimal with a leading 0x.
func (a Address) String() string { return fmt.Sprintf("%#x", uint64(a)) }

// IsKernel reports whether a lies in the upper, canonical half of the address
// space, for 4- and for 5-level paging.
func (a Address) IsKernel() bool { return a>>56 == 0xff }

// Memory reads the kernel's virtual address space.
//
// ReadVirtual has the contract of [transport.Memory], with one outcome more:
// [transport.Unmapped] for an address without a translation.
type Memory interface {
	ReadVirtual(ctx context.Context, reads []Read) error
}

// Read is one range of virtual memory that is wanted, and what came of it.
type Read struct {
	// Address of the first byte.
	Address Address
	// Data receives the bytes; its length is the length of the read.
	Data []byte
	// Outcome is set by ReadVirtual.
	Outcome transport.Outcome
}

// Translation is where a virtual address lies in physical memory.
type Translation struct {
	Virtual  Address
	Physical transport.Address
	// Outcome is Success when Physical is valid.
	Outcome transport.Outcome
}
