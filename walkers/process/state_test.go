package process

import "testing"

func TestStateLetter(t *testing.T) {
	tests := []struct {
		name        string
		state, exit uint64
		want        string
	}{
		{"running", 0, 0, "R"},
		{"interruptible", 0x1, 0, "S"},
		{"interruptible, freezable", 0x2001, 0, "S"},
		{"uninterruptible", 0x2, 0, "D"},
		{"killable", 0x102, 0, "D"},
		{"stopped", 0x104, 0, "T"},
		{"traced", 0x8, 0, "t"},
		{"dead, zombie", 0x80, 0x20, "Z"},
		{"dead, being released", 0x80, 0x10, "X"},
		{"dead, zombie being released", 0x80, 0x30, "Z"},
		{"dead, not yet a zombie", 0x80, 0, "R"},
		{"parked", 0x40, 0, "P"},
		{"idle", 0x402, 0, "I"},
		{"idle, freezable", 0x2402, 0, "I"},
		{"waiting for a lock of PREEMPT_RT", 0x1000, 0, "D"},
		{"frozen", 0x8000, 0, "D"},
		{"waking", 0x200, 0, "R"},
		{"new", 0x800, 0, "R"},
		{"garbage", 1<<64 - 1, 1<<64 - 1, "D"},
	}
	for _, test := range tests {
		if got := stateLetter(test.state, test.exit); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}
