package adapter

import "github.com/barescope/barescope/transport/tlp"

const (
	// cardID is the device and vendor id for which the authors of NetTLP
	// wrote their driver.
	cardID = 0x8022<<16 | 0x3776
	// memorySpace is the bit of the command register that enables BARs.
	memorySpace = 1 << 1
	// hasCapabilities is the bit of the status register.
	hasCapabilities = 1 << 4 << 16
)

// register returns the value of a configuration register. The ones that a
// client has no use for are zero.
func (o *Options) register(number uint16) uint32 {
	switch number {
	case tlp.IDRegister:
		return cardID
	case tlp.CommandRegister:
		command := uint32(hasCapabilities | memorySpace)
		if !o.BusMasterOff {
			command |= tlp.BusMaster
		}
		return command
	}
	return 0
}
