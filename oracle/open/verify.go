package open

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/transport"
)

// contradiction returns an error wrapping [oracle.ErrContradiction] that says
// what to do next.
func contradiction(format string, args ...any) error {
	return fmt.Errorf("%w: %w: symbols or types are not this kernel's, or it changed while it was read: try again",
		oracle.ErrContradiction, fmt.Errorf(format, args...))
}

// verifyInitTask holds the layout of a task against the one task that every
// kernel has: the first, number 0, called swapper, in a list that closes. It
// returns where the list leads to.
func (k *Kernel) verifyInitTask(ctx context.Context) (oracle.Address, error) {
	a, err := k.Symbol(ctx, "init_task")
	if err != nil {
		return 0, fmt.Errorf("%w: the kernel names no data (CONFIG_KALLSYMS_ALL): %w", oracle.ErrNoSymbols, err)
	}
	t, err := k.Type(ctx, layout.Struct, "task_struct", "tasks", "pid", "comm")
	if err != nil {
		return 0, fmt.Errorf("%w: %w", oracle.ErrNoTypes, err)
	}
	p := object.NewPlan(t)
	pid, comm, next := p.Member("pid"), p.Member("comm"), p.Member("tasks.next")
	if err := p.Err(); err != nil {
		return 0, fmt.Errorf("%w: %w", oracle.ErrNoTypes, err)
	}
	tasks, err := p.Read(ctx, k, []oracle.Address{a})
	if err != nil {
		return 0, err
	}
	init := &tasks[0]
	switch {
	case !init.Readable():
		return 0, contradiction("init_task at %s could not be read (%s)", a, init.Outcome(pid))
	case init.Uint(pid) != 0 || init.Text(comm) != "swapper/0" && init.Text(comm) != "swapper":
		return 0, contradiction("init_task at %s has pid %d and name %q", a, init.Uint(pid), init.Text(comm))
	}
	return k.verifyLink(ctx, init.At(next), init.Pointer(next))
}

// verifyLink requires that a list entry's successor points back at it, and
// returns the successor. The list may change between two readings, so it is
// read until it agrees.
func (k *Kernel) verifyLink(ctx context.Context, entry, next oracle.Address) (oracle.Address, error) {
	const tries = 3
	for range tries {
		var b [16]byte
		reads := []oracle.Read{{Address: next + 8, Data: b[:8]}, {Address: entry, Data: b[8:16]}}
		if err := k.ReadVirtual(transport.Fresh(ctx), reads); err != nil {
			return 0, err
		}
		if reads[0].Outcome == transport.Success && oracle.Address(binary.LittleEndian.Uint64(b[:8])) == entry {
			return next, nil
		}
		next = oracle.Address(binary.LittleEndian.Uint64(b[8:16]))
	}
	return 0, contradiction("the task list at %s leads to %s, which does not point back", entry, next)
}

// pageOffset returns where the direct map begins: page_offset_base where the
// kernel has it (CONFIG_RANDOMIZE_MEMORY, and 5-level paging), else what the
// top-level table tells.
func (k *Kernel) pageOffset(ctx context.Context) (oracle.Address, error) {
	a, err := k.Symbol(ctx, "page_offset_base")
	if errors.Is(err, oracle.ErrUnknownSymbol) {
		return k.image.PageOffset, nil
	}
	if err != nil {
		return 0, err
	}
	var b [8]byte
	read := []oracle.Read{{Address: a, Data: b[:]}}
	if err := k.ReadVirtual(ctx, read); err != nil {
		return 0, err
	}
	if read[0].Outcome != transport.Success {
		return 0, contradiction("page_offset_base at %s could not be read (%s)", a, read[0].Outcome)
	}
	return oracle.Address(binary.LittleEndian.Uint64(b[:])), nil
}

// verifyDirectMap holds the start of the direct map against where the page
// tables have an address in it: that of a task, which the kernel's allocator
// takes from there.
func (k *Kernel) verifyDirectMap(ctx context.Context, a oracle.Address) error {
	start := k.identity.PageOffset
	if !start.IsKernel() || start%transport.PageSize != 0 {
		return contradiction("the direct map begins at %s", start)
	}
	if a >= k.image.Text() && a < k.image.End() {
		return nil // the first task is the only one, and lies in the image
	}
	t, err := k.Translate(ctx, []oracle.Address{a})
	if err != nil {
		return err
	}
	if t[0].Outcome == transport.Success && (a < start || uint64(t[0].Physical) != uint64(a-start)) {
		return contradiction("page tables have the task at %s at %s, which a direct map from %s on has not", a, t[0].Physical, start)
	}
	return nil
}
