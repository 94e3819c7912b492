package lab

import (
	"context"
	"errors"
	"fmt"

	"github.com/barescope/barescope/internal/lab/disk"
	"github.com/barescope/barescope/internal/lab/initramfs"
	"github.com/barescope/barescope/internal/lab/packages"
	"github.com/barescope/barescope/internal/lab/qemu"
)

// ErrBoot means that a guest did not come up. The text ends with the last
// lines of its console.
var ErrBoot = errors.New("the guest did not come up")

// modules that the workload needs. The optional one computes the checksums of
// ext4 and xfs where the kernel has not got that built in; they ask for it at
// run time, which is why it is not found among what they depend on.
var modules = packages.Want{
	Modules:  []string{"dummy", "loop", "bridge", "veth", "overlay", "ext4", "xfs", "fuse"},
	Optional: []string{"crc32c_generic"},
}

// Up starts a guest and returns when its workload is set up. The guest runs
// until Close is called, or ctx ends, or this process does. Errors wrap
// [ErrBadOptions], [ErrBoot], [qemu.ErrMissing], those of package packages, or
// the context's.
func Up(ctx context.Context, o Options) (*Guest, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	// Known before anything is downloaded.
	if _, err := qemu.Find(qemu.Program, "qemu-system-x86"); err != nil {
		return nil, err
	}
	kernel, err := o.kernel(ctx)
	if err != nil {
		return nil, err
	}
	o.Log.Info().Str("kernel", kernel.Name).Int("memory", o.Memory).Bool("la57", o.LA57).Msg("starting the guest")
	machine, err := qemu.Start(ctx, qemu.Options{
		Kernel: kernel.Image, CommandLine: o.commandLine(),
		Initramfs: func(file string) error { return o.pack(ctx, file, kernel) },
		Memory:    o.Memory, CPUs: o.CPUs, LA57: o.LA57, Accel: o.Accel,
	})
	if err != nil {
		return nil, err
	}
	return boot(ctx, machine, kernel, o)
}

// kernel returns the kernel to start.
func (o *Options) kernel(ctx context.Context) (*packages.Kernel, error) {
	if o.isImage() {
		return packages.File(o.Kernel, o.Modules, modules)
	}
	store, err := packages.Open(o.Cache, o.Log)
	if err != nil {
		return nil, err
	}
	return store.Kernel(ctx, o.Kernel, modules)
}

// pack writes the guest's root file system.
func (o *Options) pack(ctx context.Context, file string, kernel *packages.Kernel) error {
	contents := initramfs.Contents{
		Program: o.GuestProgram,
		Modules: kernel.Modules,
		Modular: !o.isImage() || o.Modules != "",
	}
	if contents.Modular {
		var err error
		if contents.Images, err = disk.Make(ctx); err != nil {
			return err
		}
	}
	return initramfs.WriteFile(ctx, file, contents)
}

// boot waits for the guest's first word.
func boot(ctx context.Context, machine *qemu.Machine, kernel *packages.Kernel, o Options) (*Guest, error) {
	g := &Guest{machine: machine, line: newLine(machine.Line), kernel: kernel, log: o.Log}
	// Until the caller has the guest, nobody else can end it.
	if err := g.awaitHello(ctx, o); err != nil {
		log := machine.Log(30)
		g.Close()
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%w: %w", ErrBoot, ctx.Err())
		}
		return nil, fmt.Errorf("%w: %s: %w; its last words:\n%s", ErrBoot, kernel.Name, err, log)
	}
	g.detach = context.AfterFunc(ctx, func() { g.Close() })
	return g, nil
}

func (g *Guest) awaitHello(ctx context.Context, o Options) error {
	ctx, cancel := context.WithTimeoutCause(ctx, o.BootTimeout, fmt.Errorf("nothing heard in %s", o.BootTimeout))
	defer cancel()
	panicked := make(chan struct{})
	go func() {
		if g.machine.Console.Wait(ctx, panicText) == nil {
			close(panicked)
		}
	}()
	select {
	case <-panicked:
		return errors.New("its kernel panicked")
	case <-ctx.Done():
		return context.Cause(ctx)
	case hello := <-g.line.hello:
		if hello.Error != "" {
			return fmt.Errorf("%w: %s", ErrGuest, hello.Error)
		}
		return nil
	case <-g.line.gone:
		return qemu.ErrEnded
	}
}
