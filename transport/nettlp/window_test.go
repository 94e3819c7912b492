package nettlp

import "testing"

func TestWindowStaysBetweenOneReadAndItsLimit(t *testing.T) {
	w := newWindow(512, 4096)
	for range 100 {
		w.lose(512)
	}
	if w.size != 512 {
		t.Errorf("after heavy loss %d bytes, want 512", w.size)
	}
	for range 1000 {
		w.gain(512)
	}
	if w.size != 4096 {
		t.Errorf("after long success %d bytes, want 4096", w.size)
	}
}

func TestWindowGrowsByOneReadAWindow(t *testing.T) {
	w := newWindow(512, 4096)
	w.lose(2048)
	for range 3 {
		w.gain(512)
	}
	if w.size != 2048 {
		t.Errorf("before a window of data came: %d bytes, want 2048", w.size)
	}
	w.gain(512)
	if w.size != 2560 {
		t.Errorf("after a window of data came: %d bytes, want 2560", w.size)
	}
}

func TestWindowHoldsOneReadAtLeast(t *testing.T) {
	if w := newWindow(4096, 512); w.size != 4096 {
		t.Errorf("window of %d bytes, want one read of 4096", w.size)
	}
}
