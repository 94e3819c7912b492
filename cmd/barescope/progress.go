package main

import (
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progress returns a function that draws how many bytes of how many are done,
// how fast, and how long the rest will take; and one that removes the bar. Both
// do nothing when stderr is no terminal. What is done at the first call was done
// before, and does not count as fast.
func (a *app) progress(what string) (report func(done, total uint64), finish func()) {
	if !isTerminal(a.stderr) {
		return func(uint64, uint64) {}, func() {}
	}
	p := mpb.New(mpb.WithOutput(a.stderr), mpb.WithWidth(width(a.stderr)))
	var bar *mpb.Bar
	var last time.Time
	report = func(done, total uint64) {
		if bar == nil {
			bar = p.AddBar(int64(total), mpb.BarRemoveOnComplete(),
				mpb.PrependDecorators(decor.Name(what+" "), decor.CountersKibiByte("% .1f / % .1f")),
				mpb.AppendDecorators(decor.EwmaSpeed(decor.SizeB1024(0), "% .1f, ", 30), decor.EwmaETA(decor.ET_STYLE_GO, 30), decor.Name(" left")))
			bar.SetCurrent(int64(done))
			last = time.Now()
			return
		}
		now := time.Now()
		bar.EwmaSetCurrent(int64(done), now.Sub(last))
		last = now
	}
	finish = func() {
		if bar != nil {
			bar.Abort(true)
		}
		p.Wait()
	}
	return report, finish
}
