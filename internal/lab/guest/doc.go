// Package guest is the program inside the laboratory's guest.
//
// The same binary that runs on the host is in the guest's initramfs, and runs
// there as
//
//	lab-guest init       process 1: mounts, loads modules, starts the rest
//	lab-guest workload   makes the activity that the walkers are tested on
//	lab-guest agent      answers the host's requests on the second serial port
//	lab-guest spawn N    starts N sleeping processes and stays their parent
//
// Everything it does is deterministic, and everything in the workload must
// succeed: a guest that cannot show what the tests are about does not come up.
package guest
