package tlp

import (
	"encoding/binary"
	"fmt"
)

const (
	// ConfigRequestSize is the size in bytes of a request for a register of
	// the adapter's configuration space.
	ConfigRequestSize = 6
	// ConfigReplySize is the size in bytes of the answer: a request's six
	// bytes with the value filled in, and padding that carries nothing.
	ConfigReplySize = 18

	// MaxRegister is the highest number of a configuration register.
	MaxRegister = 0x3ff

	// IDRegister holds the device id in its upper and the vendor id in its
	// lower half.
	IDRegister = 0
	// CommandRegister holds the status in its upper and the command in its
	// lower half.
	CommandRegister = 1
	// BusMaster is the bit of the command register without which a function
	// must not read memory.
	BusMaster = 1 << 2
)

const (
	configRead    = 0 // opcode, in bits 7:6 of the first byte
	configAllMask = 0xf << 2
)

// ConfigRegister is one dword of the configuration space of the adapter card
// itself. It is asked for on [ConfigPort] in a format of NetTLP's own, without
// a NetTLP header, and the target's memory has no part in it.
//
// Only reads have an encoding here.
type ConfigRegister struct {
	// Number is the register's offset in dwords, up to [MaxRegister].
	Number uint16
	// Value is what the register holds.
	Value uint32
}

// AppendRequest appends a request for the register's value to b. A number
// above [MaxRegister] leaves b as it is and is [ErrMalformed].
func (r ConfigRegister) AppendRequest(b []byte) ([]byte, error) {
	r.Value = 0
	return r.appendTo(b)
}

// AppendReply appends the answer to a request to b. A number above
// [MaxRegister] leaves b as it is and is [ErrMalformed].
func (r ConfigRegister) AppendReply(b []byte) ([]byte, error) {
	b, err := r.appendTo(b)
	if err != nil {
		return b, err
	}
	return append(b, make([]byte, ConfigReplySize-ConfigRequestSize)...), nil
}

func (r ConfigRegister) appendTo(b []byte) ([]byte, error) {
	if r.Number > MaxRegister {
		return b, fmt.Errorf("configuration register %#x: %w", r.Number, ErrMalformed)
	}
	b = append(b, configRead<<6|configAllMask|byte(r.Number>>8), byte(r.Number))
	return binary.BigEndian.AppendUint32(b, r.Value), nil
}

// DecodeConfig decodes a request for a register, or the answer to one, which
// differ only in the value. What follows the six bytes is padding. The error
// wraps [ErrShort], or [ErrNotRead] for any opcode but that of a read.
func DecodeConfig(datagram []byte) (ConfigRegister, error) {
	if len(datagram) < ConfigRequestSize {
		return ConfigRegister{}, fmt.Errorf("configuration request in %d bytes: %w", len(datagram), ErrShort)
	}
	if op := datagram[0] >> 6; op != configRead {
		return ConfigRegister{}, fmt.Errorf("configuration request with opcode %d: %w", op, ErrNotRead)
	}
	return ConfigRegister{
		Number: binary.BigEndian.Uint16(datagram) & MaxRegister,
		Value:  binary.BigEndian.Uint32(datagram[2:]),
	}, nil
}
