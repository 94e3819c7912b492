// Package rangeset computes with sets of physical addresses: which memory a
// guard allows, an image holds, a cache may keep.
package rangeset
