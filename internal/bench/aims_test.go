//go:build bench

package bench

import (
	"fmt"
	"testing"
)

// aim writes down whether something was reached.
func (r *report) aim(what, want string, got any, met bool) {
	r.aims.add(what, want, got, map[bool]string{true: "yes", false: "**no**"}[met])
}

// aimsSection compares what was measured with what was aimed at. What the
// virtual clock gives is the same on every machine.
func (r *report) aimsSection(t *testing.T) string {
	r.aims.add("aim", "wanted", "measured", "met")
	few, thousand, many := &r.listings[0], &r.listings[1], &r.listings[2]
	times := func(a, b float64) string { return fmt.Sprintf("%.1f times", a/b) }
	faster := float64(thousand.baseline) / float64(thousand.cost.Time)
	r.aim("processes, 1 000 tasks, link time against the baseline", "25 times", fmt.Sprintf("%.1f times", faster), faster >= 25)
	large := float64(thousand.baseline) / float64(thousand.large.Time)
	r.aim("the same where requests may have 4096 bytes", "25 times", fmt.Sprintf("%.1f times", large), large >= 25)
	wall := float64(thousand.baselineWall) / float64(thousand.wall)
	r.aim("processes, 1 000 tasks, wall time over loopback", "3 times", fmt.Sprintf("%.1f times", wall), wall >= 3)
	straw := float64(thousand.pingPong) / float64(thousand.baselineWall)
	r.aim("the baseline is no straw man: it reaches of a bare ping-pong", "90%", fmt.Sprintf("%.0f%%", 100*straw), straw >= 0.9)
	r.aim("steps of the process list, 100 tasks", "at most 12", few.steps, few.steps <= 12)
	r.aim("steps of the process list, 10 000 tasks", "as many", many.steps, many.steps == few.steps)
	if many.steps > 12 {
		t.Errorf("%d steps for %d processes, want at most 12", many.steps, many.processes)
	}
	r.coldAims()
	for _, b := range r.bulks {
		how, want := "together", 8.0
		if b.singly {
			how, want = "singly", 2
		}
		r.aim(fmt.Sprintf("dump against the baseline, MRRS %d, completions %s", b.mrrs, how), fmt.Sprintf("%.0f times", want),
			times(b.dump, b.serial), b.dump >= want*b.serial)
		r.aim(fmt.Sprintf("dump against a bare flood, MRRS %d, completions %s", b.mrrs, how), "80%",
			fmt.Sprintf("%.0f%%", 100*b.dump/b.flood), b.dump >= 0.8*b.flood)
	}
	r.aim("allocations per request", "none", fmt.Sprintf("%.3f", r.bulks[0].allocations), r.bulks[0].allocations < 0.01)
	return r.aims.String()
}

// coldAims are those of the cold start: the first ones differ in their RAM.
func (r *report) coldAims() {
	least, most := r.colds[0].cost.Time, r.colds[0].cost.Time
	for _, c := range r.colds[:len(bigger)] {
		least, most = min(least, c.cost.Time), max(most, c.cost.Time)
	}
	spread := float64(most)/float64(least) - 1
	r.aim("cold start, link time, 1 to 64 GiB of RAM", "within 10%", fmt.Sprintf("%.1f%%", 100*spread), spread <= 0.1)
	for _, c := range r.colds {
		beyond := c.cost.Bytes - uint64(c.rodata)
		r.aim("bytes of a cold start beyond read-only data, "+release(c.kernel)+fmt.Sprintf(", %d GiB", c.machine.Memory>>10), "at most 1 MiB",
			mib(beyond), beyond <= 1<<20)
	}
}
