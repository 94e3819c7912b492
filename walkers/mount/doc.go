// Package mount lists the mounts of every mount namespace, with the columns of
// /proc/PID/mountinfo.
//
// Namespaces are found through the tasks that live in them and, since 6.11,
// in the kernel's own tree of namespaces, which also has those that only an
// open file holds.
//
// # Whose view
//
// A process reads mountinfo relative to its own root, and mounts that its root
// cannot reach are left out. The rows of a namespace are what the task with
// the lowest pid reads, of those whose root lies in the namespace; where there
// is none, what a process sees that enters it. Mounts out of its reach, such
// as the root file system under which an initramfs mounted the real one, are
// rows too: they carry [Unreachable], and their path begins at the top of the
// namespace.
//
// Text is what the target has. Where mountinfo writes \040 for a space, the
// value has the space.
//
// # Super options
//
// A file system prints its own options by code. What is printed is known here
// for tmpfs, ramfs, devtmpfs, proc, sysfs, devpts, cgroup2, overlay, ext4 and
// xfs, in a file each, and for those that print none. All others get the
// options that every file system has, with the doubt [GenericOptions]. So do
// those whose types the kernel does not tell, as of modules before 5.11.
package mount
