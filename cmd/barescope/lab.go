package main

import (
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/barescope/barescope/internal/lab"
	"github.com/barescope/barescope/internal/render"
	"github.com/barescope/barescope/transport/adapter"
	"github.com/barescope/barescope/walkers"
)

// defaultKernel is what the lab starts when nothing is said.
const defaultKernel = "linux-image-6.1.0-*-amd64"

// labFlags are the options of a lab's guest and of the adapter before it.
type labFlags struct {
	name           string
	guest          lab.Options
	listen, client string
}

func (a *app) labCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "lab",
		Short: "Run a real Linux as a target, in QEMU",
		Long: `Run a real Linux as a target: a Debian kernel in QEMU, with a workload that has
something of everything, and a software adapter in front of its memory.`,
		Example: `  barescope lab up
  barescope -t 'nettlp://127.0.0.2?local=127.0.0.1' ps
  barescope lab run -- ps
  barescope lab panic
  barescope lab down`,
	}
	c.AddCommand(a.labUpCommand(), a.labServeCommand(), a.labStatusCommand(), a.labRunCommand(),
		a.labVerb("down", "End the guest and remove its files", (*lab.State).Down),
		a.labVerb("panic", "Make the guest's kernel panic", (*lab.State).Panic),
		a.labVerb("pause", "Stop the guest's processors", (*lab.State).Pause),
		a.labVerb("resume", "Let a paused guest go on", (*lab.State).Resume))
	return c
}

// add declares the flags.
func (f *labFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.name, "name", lab.DefaultName, "what to call the guest")
	flags.StringVar(&f.guest.Kernel, "kernel", defaultKernel, "Debian kernel `package`, a pattern for one, or the path of a vmlinuz")
	flags.StringVar(&f.guest.Modules, "modules", "", "`directory` with the modules of a vmlinuz")
	flags.IntVar(&f.guest.Memory, "mem", 1024, "memory in MiB")
	flags.IntVar(&f.guest.CPUs, "smp", 2, "number of processors")
	flags.BoolVar(&f.guest.LA57, "la57", false, "5-level paging")
	flags.BoolVar(&f.guest.PTI, "pti", false, "page-table isolation")
	flags.StringVar(&f.guest.CommandLine, "append", "", "more for the kernel's command line")
	flags.StringVar(&f.guest.Accel, "accel", "tcg", "tcg, or kvm where a guest can boot with it")
	flags.StringVar(&f.guest.Cache, "cache", "", "`directory` for kernels (default $XDG_CACHE_HOME/barescope/lab)")
	flags.StringVar(&f.listen, "listen", "127.0.0.2", "`address` that the adapter serves on")
	flags.StringVar(&f.client, "client", "127.0.0.1", "`address` of the adapter's client")
}

func (a *app) labUpCommand() *cobra.Command {
	var f labFlags
	c := &cobra.Command{
		Use:   "up",
		Short: "Start a guest and an adapter in front of it, in the background",
		Example: `  barescope lab up
  barescope lab up --kernel 'linux-image-6.12.*-amd64' --la57 --mem 5120
  barescope lab up --kernel ./vmlinuz --modules ./modules`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := f.adapter(); err != nil {
				return err
			}
			fmt.Fprintf(a.stderr, "starting %s; the first time it is downloaded\n", f.guest.Kernel)
			s, err := lab.Start(cmd.Context(), f.name, f.arguments()...)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.stdout, "%s runs; read it with\n  barescope -t '%s' ps\n", s.Kernel, s.Target())
			return err
		},
	}
	f.add(c)
	return c
}

// arguments returns the command line on which labServeCommand does the work.
func (f *labFlags) arguments() []string {
	return []string{
		"lab", "serve", "--name=" + f.name, "--kernel=" + f.guest.Kernel, "--modules=" + f.guest.Modules,
		"--mem=" + strconv.Itoa(f.guest.Memory), "--smp=" + strconv.Itoa(f.guest.CPUs),
		"--la57=" + strconv.FormatBool(f.guest.LA57), "--pti=" + strconv.FormatBool(f.guest.PTI),
		"--append=" + f.guest.CommandLine, "--accel=" + f.guest.Accel, "--cache=" + f.guest.Cache,
		"--listen=" + f.listen, "--client=" + f.client,
	}
}

// adapter returns the options of the adapter.
func (f *labFlags) adapter() (adapter.Options, error) {
	listen, err := netip.ParseAddr(f.listen)
	if err != nil {
		return adapter.Options{}, fmt.Errorf("%w: --listen: %w", errUsage, err)
	}
	client, err := netip.ParseAddr(f.client)
	if err != nil {
		return adapter.Options{}, fmt.Errorf("%w: --client: %w", errUsage, err)
	}
	return adapter.Options{Listen: listen, Client: client}, nil
}

// labServeCommand is what up starts in the background.
func (a *app) labServeCommand() *cobra.Command {
	var f labFlags
	c := &cobra.Command{
		Use:    "serve",
		Short:  "Hold a guest in the foreground",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.adapter()
			if err != nil {
				return err
			}
			self, err := os.Executable()
			if err != nil {
				return err
			}
			f.guest.GuestProgram, f.guest.Log, o.Log = self, a.log, a.log
			return lab.Hold(cmd.Context(), f.name, f.guest, o)
		},
	}
	f.add(c)
	return c
}

func (a *app) labRunCommand() *cobra.Command {
	var name string
	c := &cobra.Command{
		Use:     "run -- COMMAND [ARGUMENT…]",
		Short:   "Run a shell command in the guest and print its output",
		Example: "  barescope lab run -- ps\n  barescope lab run -- 'cat /proc/modules | head -3'",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := lab.Find(name)
			if err != nil {
				return err
			}
			output, err := s.Run(cmd.Context(), strings.Join(args, " "))
			if _, writeErr := io.WriteString(a.stdout, output); err == nil {
				err = writeErr
			}
			return err
		},
	}
	c.Flags().StringVar(&name, "name", lab.DefaultName, "which guest")
	return c
}

// labStates is the table that lists the guests.
var labStates = &walkers.Table{
	Name:        "guests",
	Description: "The guests that run.",
	Columns: []walkers.Column{
		{Name: "name", Type: walkers.Text, Description: "what the guest is called"},
		{Name: "kernel", Type: walkers.Text, Description: "what it runs"},
		{Name: "target", Type: walkers.Text, Description: "URL to read it with"},
		{Name: "memory", Type: walkers.Unsigned, Description: "memory in bytes"},
		{Name: "started", Type: walkers.Time, Description: "when it was started"},
		{Name: "ram_file", Type: walkers.Text, Description: "file that is its memory", Wide: true},
		{Name: "pieces", Type: walkers.TextList, Description: "where that lies, as PHYS:OFFSET:LENGTH", Wide: true},
		{Name: "log_file", Type: walkers.Text, Description: "its console", Wide: true},
	},
}

func (a *app) labStatusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "List the guests that run",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			format, err := render.ParseFormat(a.format)
			if err != nil {
				return err
			}
			states, err := lab.List()
			if err != nil {
				return err
			}
			slices.SortFunc(states, func(x, y *lab.State) int { return cmp.Compare(x.Name, y.Name) })
			if len(states) == 0 {
				fmt.Fprintln(a.stderr, "no guest runs; start one with barescope lab up")
			}
			out := render.NewRows(a.stdout, labStates, render.Options{Format: format, Wide: a.wide, Width: width(a.stdout)})
			for _, s := range states {
				if err := out.Row(stateRow(s)); err != nil {
					return err
				}
			}
			return out.Close()
		},
	}
}

func stateRow(s *lab.State) walkers.Row {
	pieces := make([]string, len(s.Pieces))
	for i, p := range s.Pieces {
		pieces[i] = p.String()
	}
	return walkers.Row{Values: []any{s.Name, s.Kernel, s.Target(), uint64(s.Memory) << 20,
		s.Started, s.RAMFile, pieces, s.LogFile}}
}
