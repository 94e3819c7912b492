// Package adapter is a NetTLP adapter in software. It serves any
// [transport.Memory] on an IP address of this machine, so that a client can
// be used and tested without the FPGA card.
//
// It speaks as the card does (adapter v0.22): one UDP port per tag, replies
// from and to that same port, completions split as a root complex splits
// them, one sequence counter over all of them, and the configuration space
// on a port of its own. By its [Options] it also misbehaves as cards, hosts
// and networks do: it loses, repeats, reorders, delays and truncates, refuses
// holes or everything, and keeps silent.
//
// It answers memory reads and nothing else. Any other packet is counted,
// logged as an error, and makes [Adapter.Run] fail in the end: a client that
// sends one might have changed something on a real target.
//
// One goroutine does everything. In a round it takes what waits on the
// sockets, reads the memory once for all of it, and sends all completions.
// The package needs Linux (epoll, UDP_SEGMENT).
package adapter
