package process

import "math/bits"

// Bits of task_struct.__state and exit_state. They are preprocessor constants
// that no description of types carries. These values hold since 4.14, which
// renumbered them; kernels whose pids lie in an array are 4.15 and later.
const (
	taskUninterruptible = 0x0002
	taskNoLoad          = 0x0400
	taskRTLockWait      = 0x1000 // since 5.16
	taskFrozen          = 0x8000 // since 6.1

	taskIdle = taskUninterruptible | taskNoLoad

	// reported are the bits that have a letter: seven, from interruptible
	// to parked, with exit_state's dead and zombie among them.
	reported = 0x7f
)

// stateLetters are indexed by the number of the highest reported bit, from 1;
// the last stands for an idle kernel thread.
const stateLetters = "RSDTtXZPI"

// stateLetter returns the state as /proc/PID/stat shows it. A frozen task is D
// as it is since 6.13 and in the stable series; 6.1 to 6.12 as first released
// say R. Bits that only modify a state, such as freezable, are ignored, as
// they are since 6.7.
func stateLetter(state, exit uint64) string {
	bit := bits.Len64((state | exit) & reported)
	if state&taskIdle == taskIdle {
		bit = len(stateLetters) - 1
	}
	if state&(taskRTLockWait|taskFrozen) != 0 {
		bit = bits.Len64(taskUninterruptible)
	}
	return stateLetters[bit : bit+1]
}
