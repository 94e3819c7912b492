//go:build bench

package bench

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/barescope/barescope/walkers/builtin"
)

// document is where the report goes, seen from this package.
const document = "../../docs/performance.md"

// report is everything that is measured.
type report struct {
	colds    []coldStart
	listings []listing
	bulks    []bulk
	aims     table
}

// TestReport measures everything and writes it into the document. What is
// counted or computed has to hold; what depends on this machine is written
// down only.
func TestReport(t *testing.T) {
	r := &report{}
	sections := []struct {
		name string
		text func(*testing.T) string
	}{
		{"calibration", calibrationSection}, {"cold", r.coldSection}, {"list", r.listSection},
		{"steps", stepsSection}, {"bulk", r.bulkSection}, {"aims", r.aimsSection},
	}
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	updated := string(text)
	for _, s := range sections {
		if updated, err = replaceSection(updated, s.name, s.text(t)); err != nil {
			t.Fatal(err)
		}
	}
	if t.Failed() {
		t.Fatal("the document stays as it was")
	}
	if err := os.WriteFile(document, []byte(updated), 0o644); err != nil {
		t.Fatal(err)
	}
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d)/1e6) }

func ratio(a, b time.Duration) string { return fmt.Sprintf("%.1f", float64(a)/float64(b)) }

func mib(bytes uint64) string { return fmt.Sprintf("%.2f MiB", float64(bytes)/(1<<20)) }

// busyness says how busy the machine is: the loopback numbers suffer from it.
func busyness(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		t.Fatal(err)
	}
	average, _, _ := strings.Cut(string(text), " ")
	return fmt.Sprintf("%d processors for client and adapter; load average when it began: %s.\n\n", runtime.NumCPU(), average)
}

// benchmark prints a line for benchstat.
func benchmark(t *testing.T, name string, metrics ...any) {
	t.Helper()
	fields := []string{"Benchmark" + strings.ReplaceAll(name, " ", "_"), "1"}
	for i := 0; i+1 < len(metrics); i += 2 {
		fields = append(fields, fmt.Sprintf("%v %v", metrics[i], metrics[i+1]))
	}
	fmt.Println(strings.Join(fields, "\t"))
}

func calibrationSection(t *testing.T) string {
	var rates table
	rates.add("read size", "threads", "published, reads/s", "model, reads/s", "deviation")
	for _, p := range PublishedRates {
		synctest.Test(t, func(t *testing.T) {
			latencies, took, err := measureModel(p.Size, p.Threads, 4000/p.Threads)
			if err != nil {
				t.Fatal(err)
			}
			rate := float64(len(latencies)) / took.Seconds()
			rates.add(p.Size, p.Threads, fmt.Sprintf("%.0f", p.Rate), fmt.Sprintf("%.0f", rate),
				fmt.Sprintf("%+.1f%%", 100*(rate/p.Rate-1)))
		})
	}
	var latencies table
	latencies.add("read size", "published p50", "model p50", "published p99", "model p99")
	for _, c := range []struct {
		size int
		p50  string
	}{{16, "12 us"}, {256, "12 us"}, {512, "14 us"}} {
		synctest.Test(t, func(t *testing.T) {
			got, _, err := measureModel(c.size, 1, 4000)
			if err != nil {
				t.Fatal(err)
			}
			us := func(p int) string { return fmt.Sprintf("%.1f us", float64(percentile(got, p))/1e3) }
			latencies.add(c.size, c.p50, us(50), "24-26 us", us(99))
		})
	}
	return rates.String() + "\n" + latencies.String()
}

func (r *report) coldSection(t *testing.T) string {
	var out table
	out.add("kernel", "RAM", "steps", "requests", "bytes", "of them read-only data", "link time (model)", "wall (loopback)", "kept in memory")
	for _, m := range append(bigger, others...) {
		c := measureColdStart(t, m)
		r.colds = append(r.colds, c)
		out.add(release(c.kernel), fmt.Sprintf("%d GiB", m.Memory>>10), c.steps, c.cost.Requests, mib(c.cost.Bytes),
			mib(uint64(c.rodata)), ms(c.cost.Time), ms(c.wall), mib(c.heap))
		benchmark(t, fmt.Sprintf("ColdStart/%s/%dMiB", release(c.kernel), m.Memory), int64(c.cost.Time), "link-ns/op",
			c.cost.Requests, "requests/op", c.cost.Bytes, "bytes/op", c.steps, "steps/op", int64(c.wall), "ns/op")
	}
	return out.String()
}

// release is what a kernel package is called for short.
func release(kernel string) string {
	return strings.TrimSuffix(strings.TrimPrefix(kernel, "linux-image-"), "-amd64")
}

func (r *report) listSection(t *testing.T) string {
	var link, loopback table
	busy := busyness(t)
	link.add("kernel", "processes", "steps", "requests/process", "datagrams/process", "bytes/process", "link time", "MRRS 4096",
		"latency and requests alone", "baseline", "times faster", "MRRS 4096")
	loopback.add("kernel", "processes", "barescope", "baseline", "bare ping-pong", "baseline reaches", "times faster")
	for _, m := range append(tasks, otherTasks...) {
		l := measureListing(t, m)
		r.listings = append(r.listings, l)
		n := float64(l.processes)
		per := func(v uint64) string { return fmt.Sprintf("%.1f", float64(v)/n) }
		link.add(release(l.kernel), l.processes, l.steps, per(l.cost.Requests), per(l.cost.Datagrams()), per(l.cost.Bytes),
			ms(l.cost.Time), ms(l.large.Time), ms(l.floor()), ms(l.baseline), ratio(l.baseline, l.cost.Time), ratio(l.baseline, l.large.Time))
		loopback.add(release(l.kernel), l.processes, ms(l.wall), ms(l.baselineWall), ms(l.pingPong),
			fmt.Sprintf("%.0f%%", 100*float64(l.pingPong)/float64(l.baselineWall)), ratio(l.baselineWall, l.wall))
		name := fmt.Sprintf("Processes/%s/%d", release(l.kernel), m.Spawn)
		benchmark(t, name, int64(l.cost.Time), "link-ns/op", l.steps, "steps/op", l.cost.Requests, "requests/op",
			l.cost.Datagrams(), "datagrams/op", int64(l.wall), "ns/op")
		benchmark(t, name+"/serially", int64(l.baseline), "link-ns/op", l.requests, "requests/op", int64(l.baselineWall), "ns/op")
	}
	return "On the model:\n\n" + link.String() + "\nOver the loopback interface, " + busy + loopback.String()
}

// floor is what the steps and the requests take that a listing needs, if
// nothing else took any time.
func (l *listing) floor() time.Duration {
	return time.Duration(l.steps)*12*time.Microsecond + time.Duration(float64(l.cost.Requests)/1.12e6*float64(time.Second))
}

func stepsSection(t *testing.T) string {
	var names []string
	head := []any{"processes spawned"}
	for _, w := range builtin.All() {
		names = append(names, w.Table().Name)
		head = append(head, w.Table().Name)
	}
	var out table
	out.add(head...)
	for _, m := range tasks {
		steps := measureSteps(t, m, names)
		row := []any{m.Spawn}
		for _, name := range names {
			row = append(row, steps[name])
		}
		out.add(row...)
	}
	return out.String()
}

func (r *report) bulkSection(t *testing.T) string {
	var out table
	busy := busyness(t)
	out.add("MRRS", "completions", "reading", "bare flood", "reaches", "dump", "baseline", "dump, times faster",
		"client CPU/GiB", "adapter CPU/GiB", "allocations/request", "on the model")
	rate := func(v float64) string { return fmt.Sprintf("%.0f MB/s", v/1e6) }
	for _, c := range []struct {
		mrrs   int
		singly bool
	}{{512, true}, {512, false}, {4096, true}, {4096, false}} {
		b := measureBulk(t, c.mrrs, c.singly)
		r.bulks = append(r.bulks, b)
		how := map[bool]string{true: "singly", false: "together"}[c.singly]
		out.add(b.mrrs, how, rate(b.rate), rate(b.flood), fmt.Sprintf("%.0f%%", 100*b.rate/b.flood), rate(b.dump), rate(b.serial),
			fmt.Sprintf("%.1f", b.dump/b.serial), fmt.Sprintf("%.2f s", b.clientCPU.Seconds()), fmt.Sprintf("%.2f s", b.adapterCPU.Seconds()),
			fmt.Sprintf("%.3f", b.allocations), rate(b.model))
		benchmark(t, fmt.Sprintf("Bulk/MRRS=%d/%s", b.mrrs, how), b.rate/1e6, "MB/s", b.flood/1e6, "flood-MB/s", b.dump/1e6, "dump-MB/s",
			b.serial/1e6, "serial-MB/s", b.clientCPU.Seconds(), "cpu-s/GiB", b.allocations, "allocs/request", b.model/1e6, "model-MB/s")
	}
	return busy + out.String()
}
