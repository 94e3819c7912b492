package main

import (
	"io"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/barescope/barescope/internal/render"
)

// targetVariable names the environment variable that stands in for --target.
const targetVariable = "BARESCOPE_TARGET"

// app is what the commands share.
type app struct {
	stdout, stderr io.Writer
	log            zerolog.Logger
	started        bool // a command runs: what fails now is not its usage

	target  string
	format  string
	wide    bool
	verbose int
	strict  bool
	record  string
	ram     []string
}

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "barescope",
		Short: "Look inside a bare-metal Linux host from outside it",
		Long: `Barescope reads the physical memory of a Linux machine over NetTLP, finds the
kernel, learns the layout of its structures from the kernel itself, and shows
what runs there. Nothing is installed on the machine, nothing is written to it,
and nothing needs to be known of it; it may be healthy, hung or panicked.`,
		Example: `  barescope -t nettlp://192.168.10.1 identify
  barescope -t 'nettlp://192.168.10.1?requester=1b:00' ps --tree
  BARESCOPE_TARGET=file:///var/crash/host7.lime barescope modules -o json
  barescope -t nettlp://192.168.10.1 --record host7.rec ps`,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRun: func(*cobra.Command, []string) {
			a.started = true
			a.log = logger(a.stderr, a.verbose)
		},
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	flags := root.PersistentFlags()
	flags.StringVarP(&a.target, "target", "t", "",
		"what to look at: nettlp://HOST[?requester=1b:00&local=IP&tags=32&mrrs=512&timeout=500ms&window=16384], "+
			"file:///IMAGE or replay:///RECORDING (default $"+targetVariable+")")
	flags.StringVarP(&a.format, "output", "o", "table", "output format: table, json, jsonl or csv")
	flags.BoolVar(&a.wide, "wide", false, "show all columns of a table")
	flags.CountVarP(&a.verbose, "verbose", "v", "log what is done and what it costs to stderr; twice for details")
	flags.BoolVar(&a.strict, "strict", false, "exit with code 16 when any row carries a doubt")
	flags.StringVar(&a.record, "record", "", "record all that is read to this new `file`, for replay://")
	flags.StringArrayVar(&a.ram, "ram", nil,
		"`START-END` that you know to be RAM of a live target, end inclusive: allows a search for the kernel there")
	_ = root.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(render.Formats(), cobra.ShellCompDirectiveNoFileComp))
	root.AddCommand(a.identifyCommand(), a.psCommand(), a.modulesCommand(), a.mountsCommand(), a.walkersCommand(),
		a.walkCommand(), a.dumpCommand(), a.adapterCommand(), a.labCommand(), a.versionCommand(), a.manCommand())
	return root
}

// logger writes for people; by default only what they should not miss.
func logger(w io.Writer, verbose int) zerolog.Logger {
	level := zerolog.WarnLevel - zerolog.Level(min(verbose, 3))
	return zerolog.New(zerolog.ConsoleWriter{Out: w, TimeFormat: "15:04:05.000", NoColor: !isTerminal(w)}).
		Level(level).With().Timestamp().Logger()
}
