package mount

import (
	"context"
	"errors"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// superFlags are the options that every file system has, in mountinfo's
// order: SB_* of include/linux/fs.h.
var superFlags = []flag{{1 << 4, "sync"}, {1 << 7, "dirsync"}, {1 << 6, "mand"}, {1 << 25, "lazytime"}}

// generic returns the options that every file system has.
func (sb *super) generic() []string {
	return append([]string{readOnly(sb.flags&1 != 0)}, texts(superFlags, sb.flags)...)
}

// printer knows the options that file systems of one kind print.
//
// It is given its super blocks when it is made. Then advance is called before
// each of a number of batches until it asks for nothing more, so that all
// printers read together; after that, texts says which strings it needs, and
// print returns the options of the i-th super block, in the kernel's order. It
// returns false when they may not be all.
type printer interface {
	advance(b *object.Batch)
	texts() []oracle.Address
	print(i int, texts map[oracle.Address]object.Text) ([]string, bool)
}

// maxRounds bounds how often printers advance: none needs more than 4.
const maxRounds = 8

// newPrinter makes the printer for super blocks of one kind. An error that
// wraps layout.ErrUnknownType or layout.ErrUnknownMember says that this kernel
// does not tell what is needed.
type newPrinter func(ctx context.Context, k walkers.Kernel, supers []*super) (printer, error)

// byFunction are the kinds that the function tells which prints their options;
// several types of file systems share one.
var byFunction = map[string]newPrinter{
	"shmem_show_options":  newShmem,
	"ramfs_show_options":  newRamfs,
	"proc_show_options":   newProc,
	"devpts_show_options": newDevpts,
}

// byType are the kinds that the type's name tells: their functions lie in
// modules, whose symbols are not at hand, or serve several types.
var byType = map[string]newPrinter{
	"sysfs":   newPlain,
	"cgroup2": newCgroup2,
	"overlay": newOverlay,
	"ext2":    newExt4, // with ext4's driver; see there
	"ext3":    newExt4, // has no driver of its own since 4.3
	"ext4":    newExt4,
	"xfs":     newXFS,
}

// group is the super blocks of one kind.
type group struct {
	printer printer
	supers  []*super
}

// readOwnOptions fills in the options that file systems print by themselves.
func (s *survey) readOwnOptions(ctx context.Context) error {
	groups, err := s.group(ctx)
	if err != nil {
		return err
	}
	for range maxRounds {
		b := object.NewBatch()
		for _, g := range groups {
			g.printer.advance(b)
		}
		if b.Len() == 0 {
			break
		}
		if err := b.Read(ctx, s.k); err != nil {
			return fmt.Errorf("read options of file systems: %w", err)
		}
	}
	var wanted []oracle.Address
	for _, g := range groups {
		wanted = append(wanted, g.printer.texts()...)
	}
	texts, err := object.ReadTexts(ctx, s.k, wanted, maxText)
	if err != nil {
		return fmt.Errorf("read options of file systems: %w", err)
	}
	for _, g := range groups {
		for i, sb := range g.supers {
			own, exact := g.printer.print(i, texts)
			sb.own, sb.inexact = own, !exact
		}
	}
	return nil
}

// group sorts the super blocks by kind. Those without a printer are marked,
// unless they print nothing.
func (s *survey) group(ctx context.Context) ([]group, error) {
	functions := s.functions(ctx)
	var kinds []string
	supers, makers := make(map[string][]*super), make(map[string]newPrinter)
	for _, sb := range s.order {
		sb.inexact = sb.showOptions != 0 || sb.doubt != ""
		if !sb.inexact {
			continue
		}
		kind, maker := sb.typeName, byType[sb.typeName]
		if name, ok := functions[sb.showOptions]; ok {
			kind, maker = name, byFunction[name]
		}
		if maker == nil {
			continue
		}
		if makers[kind] == nil {
			kinds, makers[kind] = append(kinds, kind), maker
		}
		supers[kind] = append(supers[kind], sb)
	}
	var groups []group
	for _, kind := range kinds {
		p, err := makers[kind](ctx, s.k, supers[kind])
		if isUntold(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("options of %s: %w", kind, err)
		}
		groups = append(groups, group{p, supers[kind]})
	}
	return groups, nil
}

// isUntold reports whether an error says that the kernel does not tell a type,
// a member or a symbol.
func isUntold(err error) bool {
	return errors.Is(err, layout.ErrUnknownType) || errors.Is(err, layout.ErrUnknownMember) ||
		errors.Is(err, oracle.ErrUnknownSymbol)
}

// functions returns the names of byFunction by their addresses.
func (s *survey) functions(ctx context.Context) map[oracle.Address]string {
	names := make(map[oracle.Address]string)
	for name := range byFunction {
		if a := symbol(ctx, s.k, name); a != 0 {
			names[a] = name
		}
	}
	return names
}

// plain is the printer of file systems that have no options of their own,
// though a function to print them.
type plain struct{}

func newPlain(context.Context, walkers.Kernel, []*super) (printer, error) { return plain{}, nil }

func (plain) advance(*object.Batch)   {}
func (plain) texts() []oracle.Address { return nil }
func (plain) print(int, map[oracle.Address]object.Text) ([]string, bool) {
	return nil, true
}

// structure is the printer's part that most have: one structure for each
// super block, which its s_fs_info points at.
type structure struct {
	plan    *object.Plan
	supers  []*super
	objects []object.Object
	round   int
}

// newStructure looks a structure up that a file system's private pointer
// points at.
func newStructure(ctx context.Context, k walkers.Kernel, supers []*super, name string, members ...string) (structure, error) {
	t, err := k.Type(ctx, layout.Struct, name, members...)
	if err != nil {
		return structure{}, err
	}
	return structure{plan: object.NewPlan(t), supers: supers}, nil
}

// first asks for the structures in the first round, and reports whether it
// did.
func (s *structure) first(b *object.Batch) bool {
	s.round++
	if s.round != 1 {
		return false
	}
	addresses := make([]oracle.Address, len(s.supers))
	for i, sb := range s.supers {
		addresses[i] = sb.info
	}
	s.objects = s.plan.Add(b, addresses)
	return true
}

func (s *structure) advance(b *object.Batch) { s.first(b) }

func (s *structure) texts() []oracle.Address { return nil }

// word reads a variable of the kernel of eight bytes, which no structure is
// around.
func word() (*object.Plan, object.Member) {
	p := object.NewPlan(&layout.Type{Kind: layout.Struct, Size: 8, Members: []layout.Member{
		{Name: "value", Type: &layout.Type{Kind: layout.Int, Size: 8}}}})
	return p, p.Member("value")
}
