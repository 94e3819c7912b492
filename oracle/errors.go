package oracle

import "errors"

// Each error names a stage of opening a target. They are wrapped with what
// was seen and what to do next.
var (
	// ErrNoKernel means that memory can be read, but no kernel was found.
	ErrNoKernel = errors.New("no kernel found")
	// ErrUnsupported means that a kernel was found of a kind that is not
	// understood: another architecture, encrypted memory.
	ErrUnsupported = errors.New("kernel is not supported")
	// ErrNoSymbols means that the kernel was found, but not its symbols.
	ErrNoSymbols = errors.New("no symbols")
	// ErrNoTypes means that no source gave the kernel's types.
	ErrNoTypes = errors.New("no types")
	// ErrContradiction means that a layout does not fit what the target's
	// memory holds.
	ErrContradiction = errors.New("layout contradicts the target")
	// ErrUnknownSymbol means that the kernel has no symbol of that name.
	ErrUnknownSymbol = errors.New("unknown symbol")
)
