package kc705

import (
	"container/heap"
	"sync"
	"time"
)

// agenda carries out what is due, one thing after the other, in the order of
// time and then of planning: what a card does thereby depends on nothing but
// what it is asked.
type agenda struct {
	running sync.Mutex // held while something is carried out

	mu     sync.Mutex
	queue  entries
	number uint64
	timer  *time.Timer
	closed bool
}

type entry struct {
	due    time.Time
	number uint64
	do     func()
}

func newAgenda() *agenda {
	a := &agenda{}
	a.timer = time.AfterFunc(time.Hour, a.run)
	a.timer.Stop()
	return a
}

// at plans something. It may be called by what is carried out.
func (a *agenda) at(due time.Time, do func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return
	}
	a.number++
	heap.Push(&a.queue, entry{due, a.number, do})
	if a.queue[0].number == a.number {
		a.timer.Reset(time.Until(due))
	}
}

// run carries out all that is due, and sets the timer to what is due next.
func (a *agenda) run() {
	a.running.Lock()
	defer a.running.Unlock()
	for do := a.next(); do != nil; do = a.next() {
		do()
	}
}

func (a *agenda) next() func() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.queue) == 0 {
		return nil
	}
	if wait := time.Until(a.queue[0].due); wait > 0 {
		a.timer.Reset(wait)
		return nil
	}
	return heap.Pop(&a.queue).(entry).do
}

// close forgets what is planned. When it returns, nothing is being carried
// out any more.
func (a *agenda) close() {
	a.mu.Lock()
	a.closed, a.queue = true, nil
	a.timer.Stop()
	a.mu.Unlock()
	a.running.Lock()
	defer a.running.Unlock()
}

// entries is a heap.Interface.
type entries []entry

func (e entries) Len() int { return len(e) }

func (e entries) Less(i, j int) bool {
	if e[i].due.Equal(e[j].due) {
		return e[i].number < e[j].number
	}
	return e[i].due.Before(e[j].due)
}

func (e entries) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

func (e *entries) Push(x any) { *e = append(*e, x.(entry)) }

func (e *entries) Pop() any {
	last := len(*e) - 1
	x := (*e)[last]
	(*e)[last] = entry{} // or its function would be kept
	*e = (*e)[:last]
	return x
}
