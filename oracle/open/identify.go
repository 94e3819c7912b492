package open

import (
	"context"
	"encoding/hex"
	"fmt"
	"math/bits"
	"strings"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/note"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/oracle/timekeeper"
)

// identify fills in what the kernel says about itself. What a kernel does not
// tell stays at its zero value; the log says why.
func (k *Kernel) identify(ctx context.Context, o *Options, f *Found) error {
	id := &k.identity
	id.Arch, id.PagingLevels = "x86_64", k.image.Tables.Levels
	id.TextBase, id.TextPhys = k.image.Text(), k.image.TextPhys()
	id.KASLROffset, id.PhysBase = k.image.KASLROffset(), k.image.PhysBase()
	id.Banner = f.banner(k.symbols)
	id.Release, id.Version = partBanner(id.Banner)
	if notes, ok := f.between(k.symbols, "__start_notes", "__stop_notes"); ok {
		id.BuildID = hex.EncodeToString(note.BuildID(notes))
	}
	_, id.BTF = f.between(k.symbols, btfBounds[0][0], btfBounds[0][1])
	id.IKConfig = f.configuration()

	b := object.NewBatch()
	var finish []func() error
	for _, part := range []func(context.Context, *object.Batch) (func() error, error){k.name, k.clock, k.processors, k.panic} {
		done, err := part(ctx, b)
		if err != nil {
			o.Log.Warn().Err(err).Msg("identity is incomplete")
			continue
		}
		finish = append(finish, done)
	}
	if err := b.Read(ctx, k); err != nil {
		return err
	}
	for _, done := range finish {
		if err := done(); err != nil {
			o.Log.Warn().Err(err).Msg("identity is incomplete")
		}
	}
	return nil
}

// partBanner takes release and version out of "Linux version RELEASE (built
// by) (compiler) #VERSION": what uname -r and uname -v print.
func partBanner(banner string) (release, version string) {
	rest := strings.TrimPrefix(banner, "Linux version ")
	release, _, _ = strings.Cut(rest, " ")
	if i := strings.LastIndex(rest, ") #"); i >= 0 {
		version = rest[i+2:]
	}
	return release, version
}

// name puts the node name of the first UTS namespace, and the release and
// version that uname prints, into a batch.
func (k *Kernel) name(ctx context.Context, b *object.Batch) (func() error, error) {
	o, p, err := k.global(ctx, "init_uts_ns", layout.Struct, "uts_namespace")
	if err != nil {
		return nil, err
	}
	node, release, version := p.Member("name.nodename"), p.Member("name.release"), p.Member("name.version")
	if err := p.Err(); err != nil {
		return nil, err
	}
	uts := p.Add(b, o)
	return func() error {
		u := &uts[0]
		if !u.Readable() {
			return unreadable("init_uts_ns", u, node)
		}
		k.identity.Hostname = u.Text(node)
		k.identity.Release, k.identity.Version = u.Text(release), u.Text(version)
		return nil
	}, nil
}

// clock puts the kernel's clock into a batch.
func (k *Kernel) clock(ctx context.Context, b *object.Batch) (func() error, error) {
	r, err := timekeeper.NewReader(ctx, k)
	if err != nil {
		return nil, err
	}
	read := r.Add(b)
	return func() error {
		c, err := read()
		k.identity.BootTime, k.identity.Uptime = c.Boot, c.Up
		return err
	}, nil
}

// processors puts the mask of online processors into a batch.
func (k *Kernel) processors(ctx context.Context, b *object.Batch) (func() error, error) {
	o, p, err := k.global(ctx, "__cpu_online_mask", layout.Struct, "cpumask")
	if err != nil {
		return nil, err
	}
	mask := p.Member("bits")
	if err := p.Err(); err != nil {
		return nil, err
	}
	masks := p.Add(b, o)
	return func() error {
		if !masks[0].Readable() {
			return unreadable("__cpu_online_mask", &masks[0], mask)
		}
		for _, octet := range masks[0].Bytes(mask) {
			k.identity.CPUs += bits.OnesCount8(octet)
		}
		return nil
	}, nil
}

// noPanic is PANIC_CPU_INVALID, what panic_cpu is until a processor panics.
const noPanic = -1

// panic puts the number of the processor that panicked into a batch.
func (k *Kernel) panic(ctx context.Context, b *object.Batch) (func() error, error) {
	a, err := k.Symbol(ctx, "panic_cpu")
	if err != nil {
		return nil, err
	}
	p := object.NewPlan(&layout.Type{Kind: layout.Struct, Name: "atomic_t", Size: 4, Members: []layout.Member{
		{Name: "counter", Type: &layout.Type{Kind: layout.Int, Name: "int", Size: 4, Signed: true}},
	}})
	counter := p.Member("counter")
	cpu := p.Add(b, []oracle.Address{a})
	return func() error {
		if !cpu[0].Readable() {
			return unreadable("panic_cpu", &cpu[0], counter)
		}
		k.identity.Panicked = cpu[0].Int(counter) != noPanic
		return nil
	}, nil
}

// unreadable says that a variable could not be read.
func unreadable(name string, o *object.Object, m object.Member) error {
	return fmt.Errorf("%s at %s could not be read (%s)", name, o.Address, o.Outcome(m))
}

// global starts a plan for a variable of a known type.
func (k *Kernel) global(ctx context.Context, symbol string, kind layout.Kind, name string) ([]oracle.Address, *object.Plan, error) {
	a, err := k.Symbol(ctx, symbol)
	if err != nil {
		return nil, nil, err
	}
	t, err := k.Type(ctx, kind, name)
	if err != nil {
		return nil, nil, err
	}
	return []oracle.Address{a}, object.NewPlan(t), nil
}
