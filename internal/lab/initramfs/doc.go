// Package initramfs packs the guest's root file system: a static busybox, the
// guest's program, kernel modules and disk images, in a compressed cpio
// archive of the "newc" format that the kernel unpacks into memory.
package initramfs
