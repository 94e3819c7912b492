package bench

import (
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"
)

// TestModelMatchesPublishedRates holds every cell of the authors' table.
func TestModelMatchesPublishedRates(t *testing.T) {
	const tolerance = 0.15
	for _, p := range PublishedRates {
		t.Run(fmt.Sprintf("%d bytes, %d threads", p.Size, p.Threads), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				latencies, took, err := measureModel(p.Size, p.Threads, 2000/p.Threads)
				if err != nil {
					t.Fatal(err)
				}
				rate := float64(len(latencies)) / took.Seconds()
				deviation := rate/p.Rate - 1
				t.Logf("%.0f reads a second, published %.0f: %+.1f%%", rate, p.Rate, 100*deviation)
				if math.Abs(deviation) > tolerance {
					t.Errorf("%.0f reads a second, published %.0f: %+.1f%%", rate, p.Rate, 100*deviation)
				}
			})
		})
	}
}

// TestModelMatchesPublishedLatencies reads one at a time.
func TestModelMatchesPublishedLatencies(t *testing.T) {
	for _, tt := range []struct {
		size   int
		median time.Duration
	}{
		{16, 12 * time.Microsecond}, {256, 12 * time.Microsecond}, {512, 14 * time.Microsecond},
	} {
		t.Run(fmt.Sprintf("%d bytes", tt.size), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				latencies, _, err := measureModel(tt.size, 1, 2000)
				if err != nil {
					t.Fatal(err)
				}
				p50, p99 := percentile(latencies, 50), percentile(latencies, 99)
				t.Logf("median %s, 99th percentile %s", p50, p99)
				if (p50 - tt.median).Abs() > 500*time.Nanosecond {
					t.Errorf("median %s, want %s", p50, tt.median)
				}
				if p99 < 24*time.Microsecond || p99 > 26*time.Microsecond {
					t.Errorf("99th percentile %s, want 24 to 26us", p99)
				}
			})
		})
	}
}
