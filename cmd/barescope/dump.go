package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/barescope/barescope/internal/render"
	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/vmcoreinfo"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/dump"
	"github.com/barescope/barescope/transport/rangeset"
)

// dumpFlags say what to dump and how.
type dumpFlags struct {
	format string
	ranges []string
	resume bool
}

func (a *app) dumpCommand() *cobra.Command {
	var f dumpFlags
	c := &cobra.Command{
		Use:   "dump FILE",
		Short: "Copy the target's RAM to a file",
		Long: `Copy the target's System RAM to a file: an ELF core dump that crash and drgn
open, a LiME file, or raw memory. Pages of zeros take no space. Memory that could
not be read is zeros in the file and is listed in FILE.unreadable.

The file is FILE.partial until it is complete. A dump that ended early goes on with
--resume, on the same boot of the same machine. No file is ever overwritten.

The SHA-256 is that of the file as it reads, as sha256sum prints it.`,
		Example: `  barescope -t nettlp://192.168.10.1 dump host7.core
  barescope -t nettlp://192.168.10.1 dump host7.core --resume
  barescope -t nettlp://192.168.10.1 dump low.lime --format lime --range 0x100000-0x3fffffff
  crash vmlinux host7.core`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.dump(cmd.Context(), args[0], &f) },
	}
	c.Flags().StringVar(&f.format, "format", string(dump.ELF), "format of the file: elf, lime or raw")
	c.Flags().StringArrayVar(&f.ranges, "range", nil, "`START-END` to dump instead of all RAM, end inclusive; may be given again")
	c.Flags().BoolVar(&f.resume, "resume", false, "go on with a dump that ended early")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(dump.Formats(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (a *app) dump(ctx context.Context, path string, f *dumpFlags) error {
	output, err := render.ParseFormat(a.format)
	if err != nil {
		return err
	}
	format, err := dump.ParseFormat(f.format)
	if err != nil {
		return fmt.Errorf("%w: --format: %w", errUsage, err)
	}
	ranges, err := parseRanges("--range", f.ranges)
	if err != nil {
		return err
	}
	return a.withKernel(ctx, func(s *session) error {
		o := dump.Options{Memory: s.target.Guard, Format: format, Resume: f.resume, Machine: s.machine()}
		if o.Ranges, err = chooseRAM(s.kernel.Identity().RAM, ranges); err != nil {
			return err
		}
		if format == dump.ELF {
			if o.Core, err = s.core(ctx); err != nil {
				return err
			}
		}
		m, err := a.writeDump(ctx, path, o)
		if err != nil {
			return err
		}
		if err := a.reportDump(s.kernel.Identity(), m, output); err != nil {
			return err
		}
		if a.strict && m.Unreadable > 0 {
			return fmt.Errorf("%w: %d bytes could not be read (--strict)", errDoubt, m.Unreadable)
		}
		return nil
	})
}

// writeDump dumps, and says how to go on when it could not come to its end.
func (a *app) writeDump(ctx context.Context, path string, o dump.Options) (*dump.Manifest, error) {
	var finish func()
	o.Progress, finish = a.progress("dumping")
	m, err := dump.Write(ctx, path, o)
	finish()
	if incomplete, ok := errors.AsType[*dump.IncompleteError](err); ok {
		fmt.Fprintf(a.stderr, "%s.partial holds %s of %s; the same command with --resume goes on from there\n",
			render.Visible(path), size(incomplete.Done), size(incomplete.Total))
	}
	return m, err
}

// chooseRAM returns the memory to dump: all RAM, or the ranges that the operator
// wants, each of which must be RAM.
func chooseRAM(ram, wanted []transport.Range) ([]transport.Range, error) {
	if len(wanted) == 0 {
		return ram, nil
	}
	set := rangeset.Of(ram...)
	for _, r := range wanted {
		if !set.Contains(r) {
			return nil, fmt.Errorf("%w: --range %s is not System RAM of the target; that is %v", errUsage, r, ram)
		}
	}
	return wanted, nil
}

// machine tells this boot of the target from others.
func (s *session) machine() dump.Machine {
	id := s.kernel.Identity()
	return dump.Machine{BuildID: id.BuildID, TextBase: uint64(id.TextBase), TextPhys: id.TextPhys, Booted: id.BootTime}
}

// core returns what a core dump says besides memory. The error is that of
// package vmcoreinfo: a kernel without VMCOREINFO cannot be dumped as one.
func (s *session) core(ctx context.Context) (dump.Core, error) {
	id := s.kernel.Identity()
	end, err := s.kernel.Symbol(ctx, "_end")
	if err != nil || end <= id.TextBase {
		return dump.Core{}, fmt.Errorf("end of the kernel's image %s: %w", end, err)
	}
	info, err := vmcoreinfo.Read(ctx, s.kernel)
	if err == nil {
		err = info.Check(id)
	}
	if err != nil {
		return dump.Core{}, fmt.Errorf("an ELF core dump needs VMCOREINFO (--format lime does not): %w", err)
	}
	return dump.Core{
		PageOffset: uint64(id.PageOffset), VMCoreInfo: info.Text(), CPUs: id.CPUs,
		ImageBase: uint64(id.TextBase), Image: transport.Range{Start: id.TextPhys, Length: uint64(end - id.TextBase)},
	}, nil
}

// reportDump prints a line about a complete dump, or its whole manifest where
// the output is for programs.
func (a *app) reportDump(id *oracle.Identity, m *dump.Manifest, f render.Format) error {
	if f != render.Aligned {
		return render.Record(a.stdout, manifestFields(id, m), f)
	}
	_, err := fmt.Fprintf(a.stdout, "%s: %s of memory in %.1f s (%s/s), %d bytes unreadable, sha256 %s\n",
		render.Visible(m.Path), size(m.Memory), m.Elapsed.Seconds(), size(m.Rate()), m.Unreadable, m.SHA256)
	return err
}

// manifestFields lists a manifest under its stable keys.
func manifestFields(id *oracle.Identity, m *dump.Manifest) []render.Field {
	ranges := make([]string, len(m.Ranges))
	for i, r := range m.Ranges {
		ranges[i] = r.String()
	}
	return []render.Field{
		{Key: "path", Value: m.Path},
		{Key: "format", Value: string(m.Format)},
		{Key: "ranges", Value: ranges},
		{Key: "memory", Value: m.Memory},
		{Key: "size", Value: m.Size},
		{Key: "stored", Value: m.Stored},
		{Key: "sha256", Value: m.SHA256},
		{Key: "unreadable_bytes", Value: m.Unreadable},
		{Key: "unreadable_ranges", Value: m.UnreadableRanges},
		{Key: "unreadable", Value: m.Listed},
		{Key: "unreadable_file", Value: m.UnreadableFile},
		{Key: "started", Value: m.Started},
		{Key: "elapsed", Value: m.Elapsed},
		{Key: "rate", Value: m.Rate()},
		{Key: "sessions", Value: m.Sessions},
		{Key: "hostname", Value: id.Hostname},
		{Key: "release", Value: id.Release},
		{Key: "build_id", Value: m.Machine.BuildID},
		{Key: "boot_time", Value: m.Machine.Booted},
		{Key: "text_base", Value: oracle.Address(m.Machine.TextBase)},
		{Key: "text_phys", Value: m.Machine.TextPhys},
	}
}

// size writes a number of bytes for people.
func size(bytes uint64) string { return fmt.Sprintf("% .1f", decor.SizeB1024(int64(bytes))) }
