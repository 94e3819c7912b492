package oracle

// Symbol is a name in the kernel and where it lies.
type Symbol struct {
	Name    string
	Address Address
	// Type is the letter that nm and /proc/kallsyms print, upper case for a
	// global symbol. Kernels disagree on it: do not decide by it.
	Type byte
}
