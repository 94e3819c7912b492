package nettlp

import (
	"testing"
	"time"
)

func TestTimeout(t *testing.T) {
	const limit = 500 * time.Millisecond
	for _, tt := range []struct {
		name    string
		samples []time.Duration
		attempt int
		want    time.Duration
	}{
		{"nothing measured", nil, 0, limit},
		{"never below the floor", []time.Duration{12 * time.Microsecond}, 0, minTimeout},
		{"longer with each attempt", []time.Duration{12 * time.Microsecond}, 2, 16 * minTimeout},
		{"never above the limit", []time.Duration{12 * time.Microsecond}, 9, limit},
		{"mean and four deviations", []time.Duration{10 * time.Millisecond}, 0, 30 * time.Millisecond},
		{"a slow link", []time.Duration{10 * time.Second}, 0, limit},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := roundTrip{limit: limit}
			for _, d := range tt.samples {
				r.sample(d)
			}
			if got := r.timeout(tt.attempt); got != tt.want {
				t.Errorf("timeout(%d) = %v, want %v", tt.attempt, got, tt.want)
			}
			if r.grace() > r.timeout(0) {
				t.Errorf("grace %v is longer than the timeout %v", r.grace(), r.timeout(0))
			}
		})
	}
}

func TestEstimateFollowsTheLink(t *testing.T) {
	r := roundTrip{limit: time.Second}
	for range 100 {
		r.sample(time.Millisecond)
	}
	if r.mean != time.Millisecond || r.deviation > 100*time.Microsecond {
		t.Errorf("mean %v, deviation %v after equal samples of 1ms", r.mean, r.deviation)
	}
	for range 100 {
		r.sample(50 * time.Millisecond)
	}
	if r.timeout(0) < 50*time.Millisecond {
		t.Errorf("timeout %v is shorter than the 50ms that answers take now", r.timeout(0))
	}
}
