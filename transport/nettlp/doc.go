// Package nettlp reads a target's physical memory through a NetTLP adapter: a
// PCI Express card in the target that takes memory read requests as UDP
// datagrams and returns the completions the same way. [Dial] returns a
// [Client], which is a transport.Memory.
//
// Tag n of a read is UDP port 0x3000+n on both sides, so that the client binds
// one connected socket per tag; the kernel then drops what comes from anywhere
// but the target's same port. One read is outstanding per tag, and a byte
// window bounds what is in flight in sum, since the card has no backpressure.
//
// # How a read goes
//
// A batch is cut into parts that respect the maximum read request size and the
// pages. A part goes out when there is room in the window and a tag is idle;
// completions put its data where they say it belongs, in any order, and 64-byte
// lines that have come are remembered. The part is over when it has all its
// lines, when an error completion ends it, or when its time is up. Then what is
// missing, and only that, is asked for again with another tag.
//
// All of this is one state machine behind one mutex (scheduler). It has no
// goroutine: it moves when a batch is submitted, when a datagram comes (one
// receiving goroutine per tag brings it), and when its timer fires.
//
// # Why an answer cannot be mistaken
//
// A completion names its tag and how far from the read's end it belongs, not
// its address, so the answer to an old read fits a new one of the same tag.
// Three things keep them apart:
//
//   - The card counts all that it sends in one sequence. What it numbered
//     before the newest datagram that the client had when it asked cannot be
//     the answer, and is discarded.
//   - A tag whose time was up rests in quarantine until its answer came after
//     all, until the card answered something that was asked much later, or
//     until several of the longest timeouts are over. Late completions of a
//     tag in quarantine are counted, never used.
//   - Tags are used in turn and some are always at rest, so that the second
//     answer to a request that the network duplicated finds nobody waiting,
//     unless it comes later than the first by as long as all tags take their
//     turn. The wire has nothing to tell such an answer by.
//
// # Silence
//
// Until the very first answer one read is in flight. If nothing ever answers,
// or nothing answers any more, ReadPhysical asks the card for its configuration
// space, which does not involve the target's memory, and returns
// transport.ErrNoLink or transport.ErrReadsRefused; the next call begins anew.
package nettlp
