package guest

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// threadCount is how many named threads the workload has, beside those of its
// runtime.
const threadCount = 16

// makeThreads starts threads, each with a name of its own.
func makeThreads() error {
	results := make(chan error)
	for i := range threadCount {
		go keepThread(fmt.Sprintf("thread) %d (\n", i), results)
	}
	for range threadCount {
		if err := <-results; err != nil {
			return fmt.Errorf("thread: %w", err)
		}
	}
	return nil
}

// keepThread turns the goroutine into a thread that sleeps for ever.
func keepThread(name string, result chan<- error) {
	runtime.LockOSThread()
	text, err := unix.BytePtrFromString(name)
	if err == nil {
		err = unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(text)), 0, 0, 0)
	}
	result <- err
	for {
		_ = unix.Pause()
	}
}
