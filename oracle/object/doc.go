// Package object reads chosen members of many kernel structures at once.
//
// A [Plan] is made from a structure's type and the members that are wanted of
// it; [Plan.Read] then reads those members of any number of structures as one
// batch. Members that lie close together travel in one read.
//
//	plan := object.NewPlan(taskStruct)
//	pid, comm := plan.Member("pid"), plan.Member("comm")
//	if err := plan.Err(); err != nil { … }
//	tasks, err := plan.Read(ctx, memory, addresses)
//	for _, t := range tasks { t.Uint(pid), t.Text(comm) … }
//
// An [Object] says for each member whether it could be read.
package object
