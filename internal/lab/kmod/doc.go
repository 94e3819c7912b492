// Package kmod reads a tree of kernel modules as a distribution ships it.
//
// It finds modules by name, decompresses them, reads what they say about
// themselves in their .modinfo section, and puts a set of them in the order in
// which they have to be loaded. It does what depmod and modprobe do on a
// machine that runs the kernel; Debian's packages carry no modules.dep, since
// their installation scripts make it, and a package that is only unpacked has
// run none.
package kmod
