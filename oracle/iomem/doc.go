// Package iomem reads a kernel's tree of memory resources, what /proc/iomem
// shows, from its root iomem_resource.
//
// It says what of the physical address space is RAM, and so what may be read
// of a live machine.
package iomem
