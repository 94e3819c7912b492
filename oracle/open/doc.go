// Package open opens a target's kernel: it runs the stages from bare physical
// memory to a [Kernel] that walkers can ask.
//
//	find the kernel          locate
//	read its read-only data  one batch; it holds the next two
//	symbols                  the first of Options.Symbols that has them
//	types                    the first of Options.Types that has them
//	verify                   init_task must look like one
//	RAM map                  iomem; from here on nothing else is read
//	identity                 name, clock, processors
//
// Where symbols and types may come from is a list that the caller hands over;
// the opener knows no database and no compiler. [Memory] is the source that
// needs nothing but the target.
//
// Each stage fails with an error of its own, see the errors of package oracle.
package open
