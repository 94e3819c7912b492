package main

import (
	"slices"
	"strings"

	"github.com/barescope/barescope/internal/render"
	"github.com/barescope/barescope/walkers"
)

// arrangeTree orders processes depth first below their parents, and in a table
// draws the tree before their names. A process whose parent is not among the
// rows is a root; so is one whose ancestors form a loop.
func (a *app) arrangeTree(t *walkers.Table, rows []walkers.Row) []walkers.Row {
	f := forest{
		pid: t.Index("pid"), parent: t.Index("ppid"), name: t.Index("name"),
		draw: a.format == render.Aligned.String(),
		rows: rows, children: make(map[any][]int), done: make([]bool, len(rows)),
	}
	known := make(map[any]bool, len(rows))
	for i := range rows {
		known[rows[i].Values[f.pid]] = true
	}
	var roots []int
	for i := range rows {
		parent := rows[i].Values[f.parent]
		if parent == nil || !known[parent] || parent == rows[i].Values[f.pid] {
			roots = append(roots, i)
			continue
		}
		f.children[parent] = append(f.children[parent], i)
	}
	for _, i := range roots {
		f.visit(i, 0)
	}
	for i := range rows { // what no root leads to: a loop
		f.visit(i, 0)
	}
	return f.arranged
}

type forest struct {
	pid, parent, name int
	draw              bool
	rows              []walkers.Row
	children          map[any][]int
	done              []bool
	arranged          []walkers.Row
}

// visit appends a row and what is below it.
func (f *forest) visit(i, depth int) {
	if f.done[i] {
		return
	}
	f.done[i] = true
	row := f.rows[i]
	if name, ok := row.Values[f.name].(string); ok && f.draw && depth > 0 {
		row.Values = slices.Clone(row.Values)
		row.Values[f.name] = strings.Repeat("│ ", depth-1) + "├─" + name
	}
	f.arranged = append(f.arranged, row)
	pid := row.Values[f.pid]
	below := f.children[pid]
	delete(f.children, pid) // threads share a process's pid: once is enough
	for _, child := range below {
		f.visit(child, depth+1)
	}
}
