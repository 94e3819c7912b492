package main

import (
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progress returns a function that draws how many bytes of how many are done,
// and one that removes the bar. Both do nothing when stderr is no terminal.
func (a *app) progress(what string) (report func(done, total uint64), finish func()) {
	if !isTerminal(a.stderr) {
		return func(uint64, uint64) {}, func() {}
	}
	p := mpb.New(mpb.WithOutput(a.stderr), mpb.WithWidth(width(a.stderr)))
	var bar *mpb.Bar
	report = func(done, total uint64) {
		if bar == nil {
			bar = p.AddBar(int64(total), mpb.BarRemoveOnComplete(),
				mpb.PrependDecorators(decor.Name(what+" "), decor.CountersKibiByte("% .1f / % .1f")),
				mpb.AppendDecorators(decor.EwmaETA(decor.ET_STYLE_GO, 30)))
		}
		bar.SetCurrent(int64(done))
	}
	finish = func() {
		if bar != nil {
			bar.Abort(true)
		}
		p.Wait()
	}
	return report, finish
}
