// Package lab runs a real Linux as a target.
//
// [Up] takes a Debian kernel package, or the path of a vmlinuz, packs a small
// root file system around it and starts it in QEMU, with address-space layout
// randomisation on and its RAM in a file. In the guest runs a workload with
// everything that walkers can get wrong. The guest can be asked what it is
// doing ([Guest.Snapshot]), to carry out a command ([Guest.Run]), to stand
// still ([Guest.Pause]) and to panic ([Guest.Panic]); a snapshot is what
// barescope's own answers are compared with.
//
// [Guest.Serve] puts a software NetTLP adapter in front of the guest's RAM, so
// that it can be read as the RAM of a machine with a card in it.
//
// One guest can also run in the background, held by a process of its own:
// [Start], [Find] and [Remote] are for it.
package lab
