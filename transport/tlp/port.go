package tlp

const (
	// ReadPort is the UDP port of tag 0. A read with tag n is sent to
	// ReadPort+n, and its completions come from and to that same port.
	ReadPort = 0x3000
	// MaxTags is how many tags, hence ports, there can be.
	MaxTags = 256
	// ConfigPort is the UDP port on which the adapter card answers for its
	// own configuration space, since adapter v0.22.
	ConfigPort = 0x5001
)

// Port returns the UDP port of a tag, the same on both sides.
func Port(tag uint8) uint16 { return ReadPort + uint16(tag) }
