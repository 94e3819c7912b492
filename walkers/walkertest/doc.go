// Package walkertest runs walkers in tests.
//
// [Run] walks any walkers.Kernel, an opened target or a recording included,
// checks every row against the table that the walker declares, and returns the
// rows by column name. [Count] wraps a kernel and counts the dependent steps.
//
// [Kernel] is a kernel made by hand. A test lays out types with [Struct],
// whose members are placed as a compiler would, puts structures at addresses
// with [Kernel.Put], links them with [Kernel.List] and its like, and may
// make reads fail with [Kernel.Fail] or change memory between two batches with
// Before, as a running target would.
//
//	k := walkertest.New(t)
//	item := k.Define(walkertest.Struct("item", walkertest.Member("id", walkertest.Int),
//		walkertest.Member("node", walkertest.ListHead)))
//	a := k.Place(item, walkertest.Values{"id": 7})
//	k.List(head, a+k.Offset(item, "node"))
//	rows := walkertest.Run(t, k, walker, walkers.Query{})
package walkertest
