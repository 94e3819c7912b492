// Package container reads the containers that the kernel keeps its objects
// in: linked lists, hash chains, red-black trees and extensible arrays.
//
// Every function takes any number of containers and advances in all of them
// with each batch: [Lists] from both ends at once, [HLists] by one node,
// [RBTrees] and [XArrays] by one level. So the number of dependent batches is
// that of the longest or deepest container, not their sum.
//
// What comes back are the addresses of the embedded nodes. The structure
// around a node begins at that address less the offset of its member; see
// [Owners].
//
// A running target changes its containers while they are read, and a hostile
// one may hold anything. Each node is therefore held against where it was
// reached from: against its back-pointer, its parent, its place. When that
// fails, node and pointer are read once more from the target itself; what
// still does not fit is said as a [Fault] beside the nodes that were found.
// No container takes more nodes than the caller's limit, and no loop keeps a
// walk from ending.
package container
