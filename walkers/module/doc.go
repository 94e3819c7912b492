// Package module lists the loaded kernel modules, in the order and with the
// values of /proc/modules.
//
// The modules stand in one list, which is read from both ends at once; all
// modules, and the lists of who uses each, are then read together. So a walk
// of n modules takes n/2 dependent steps and a few. A module that is still
// being laid out ("unformed") is no row, as in /proc/modules.
package module
