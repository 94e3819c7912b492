// Package vmcoreinfo reads VMCOREINFO, the text in which a kernel describes
// itself to the tools that read its memory after a crash: where it was loaded,
// and the sizes and offsets that those tools start from. [Read] takes it from a
// target, [Parse] understands it.
//
// Barescope needs none of it; a core dump does, for crash and drgn look for it
// in the dump's notes. The text is lines of KEY=VALUE, documented in
// Documentation/admin-guide/kdump/vmcoreinfo.rst. How a value is written
// depends on its key: KERNELOFFSET is hexadecimal without a prefix,
// NUMBER(phys_base) a signed decimal.
package vmcoreinfo
