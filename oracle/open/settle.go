package open

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/iomem"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/oracle/pagetable"
	"github.com/barescope/barescope/transport"
)

// settle verifies what was learned and ends the time of guessing: from here on
// System RAM may be read, by the target's own map of it, and nothing else.
func (k *Kernel) settle(ctx context.Context, o *Options) error {
	if err := k.verifyInitTask(ctx); err != nil {
		return err
	}
	var err error
	if k.identity.PageOffset, err = k.pageOffset(ctx); err != nil {
		return err
	}
	root, err := k.Symbol(ctx, "iomem_resource")
	if err != nil {
		return fmt.Errorf("%w: no map of RAM: %w", oracle.ErrNoSymbols, err)
	}
	resources, err := iomem.Read(ctx, k, root)
	if err != nil {
		return fmt.Errorf("%w: %w", oracle.ErrContradiction, err)
	}
	ram := iomem.RAM(resources)
	if !covers(ram, k.image.Ranges()) {
		return fmt.Errorf("%w: the kernel's image at %s lies outside of what its resource tree says is RAM",
			oracle.ErrContradiction, k.image.TextPhys())
	}
	k.identity.RAM = ram
	o.Fence.Restrict(ram)
	k.space.Settle()
	for _, r := range ram {
		k.space.AddWindow(pagetable.Window{
			Virtual: k.identity.PageOffset + oracle.Address(r.Start), Physical: r.Start, Length: r.Length,
		})
	}
	return nil
}

// covers reports whether each of inner lies in one of outer.
func covers(outer, inner []transport.Range) bool {
	for _, in := range inner {
		inside := false
		for _, out := range outer {
			inside = inside || out.Contains(in)
		}
		if !inside {
			return false
		}
	}
	return true
}

// pageOffset returns where the direct map begins: page_offset_base where the
// kernel has it (CONFIG_RANDOMIZE_MEMORY, and 5-level paging), else what the
// top-level table tells.
func (k *Kernel) pageOffset(ctx context.Context) (oracle.Address, error) {
	a, err := k.Symbol(ctx, "page_offset_base")
	if err != nil {
		return k.image.PageOffset, nil
	}
	var b [8]byte
	read := []oracle.Read{{Address: a, Data: b[:]}}
	if err := k.ReadVirtual(ctx, read); err != nil {
		return 0, err
	}
	offset := oracle.Address(binary.LittleEndian.Uint64(b[:]))
	if read[0].Outcome != transport.Success || !offset.IsKernel() {
		return 0, fmt.Errorf("%w: page_offset_base at %s is %s", oracle.ErrContradiction, a, offset)
	}
	return offset, nil
}

// verifyInitTask holds the layout of a task against the one task that every
// kernel has: the first, number 0, called swapper, in a list that closes.
func (k *Kernel) verifyInitTask(ctx context.Context) error {
	a, err := k.Symbol(ctx, "init_task")
	if err != nil {
		return fmt.Errorf("%w: the kernel names no data (CONFIG_KALLSYMS_ALL): %w", oracle.ErrNoSymbols, err)
	}
	t, err := k.Type(ctx, layout.Struct, "task_struct", "tasks", "pid", "comm")
	if err != nil {
		return fmt.Errorf("%w: %w", oracle.ErrNoTypes, err)
	}
	p := object.NewPlan(t)
	pid, comm, next := p.Member("pid"), p.Member("comm"), p.Member("tasks.next")
	if err := p.Err(); err != nil {
		return fmt.Errorf("%w: %w", oracle.ErrNoTypes, err)
	}
	tasks, err := p.Read(ctx, k, []oracle.Address{a})
	if err != nil {
		return err
	}
	init := &tasks[0]
	switch {
	case !init.Readable():
		return fmt.Errorf("%w: init_task at %s is %s", oracle.ErrContradiction, a, init.Outcome(pid))
	case init.Uint(pid) != 0 || init.Text(comm) != "swapper/0" && init.Text(comm) != "swapper":
		return fmt.Errorf("%w: init_task at %s has pid %d and name %q", oracle.ErrContradiction, a, init.Uint(pid), init.Text(comm))
	}
	return k.verifyLink(ctx, init.At(next), init.Pointer(next))
}

// verifyLink requires that a list entry's successor points back at it. The
// list may change between two readings, so it is read until it agrees.
func (k *Kernel) verifyLink(ctx context.Context, entry, next oracle.Address) error {
	const tries = 3
	for range tries {
		var b [16]byte
		reads := []oracle.Read{{Address: next + 8, Data: b[:8]}, {Address: entry, Data: b[8:16]}}
		if err := k.ReadVirtual(transport.Fresh(ctx), reads); err != nil {
			return err
		}
		if reads[0].Outcome == transport.Success && oracle.Address(binary.LittleEndian.Uint64(b[:8])) == entry {
			return nil
		}
		next = oracle.Address(binary.LittleEndian.Uint64(b[8:16]))
	}
	return fmt.Errorf("%w: the task list at %s leads to %s, which does not point back", oracle.ErrContradiction, entry, next)
}
