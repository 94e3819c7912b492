package main

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/spf13/cobra"

	"github.com/barescope/barescope/transport/adapter"
	"github.com/barescope/barescope/transport/image"
	"github.com/barescope/barescope/transport/tlp"
)

// adapterFlags are the options of an adapter as text.
type adapterFlags struct {
	ram            string
	pieces         []string
	listen, client string
	requester      string
	options        adapter.Options
}

func (a *app) adapterCommand() *cobra.Command {
	var f adapterFlags
	c := &cobra.Command{
		Use:   "adapter --ram FILE",
		Short: "Serve a memory image as a NetTLP adapter card would",
		Long: `Serve a memory image over UDP as a NetTLP adapter card serves the memory of
the machine that it sits in. The adapter answers memory reads and nothing else:
any other request is reported, and makes the command fail at its end.

Adapter and client use the same port numbers, so they need two addresses; on
Linux all of 127.0.0.0/8 is there. The adapter can be told to misbehave as cards,
networks and machines do.`,
		Example: `  barescope adapter --ram guest.ram
  barescope adapter --ram guest.ram --piece 0:0:2147483648 --piece 0x100000000:0x80000000:3221225472
  barescope adapter --ram guest.ram --loss 0.02 --duplicate 0.02 --reorder 0.02
  barescope -t 'nettlp://127.0.0.2?local=127.0.0.1' ps`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runAdapter(cmd, &f) },
	}
	flags := c.Flags()
	flags.StringVar(&f.ram, "ram", "", "image to serve: raw, LiME or ELF core `file`")
	flags.StringArrayVar(&f.pieces, "piece", nil, "part of a raw image that lies elsewhere in physical memory, as `PHYS:OFFSET:LENGTH`")
	flags.StringVar(&f.listen, "listen", "127.0.0.2", "`address` to serve on")
	flags.StringVar(&f.client, "client", "127.0.0.1", "`address` of the one client that is answered")
	f.options.MPS, f.options.MRRS, f.options.Tags, f.options.ReadCompletionBoundary = 256, 512, 32, 64
	flags.IntVar(&f.options.MPS, "mps", 256, "most data in one completion, in bytes")
	flags.IntVar(&f.options.ReadCompletionBoundary, "rcb", 64, "boundary that completions are split at, in bytes")
	flags.IntVar(&f.options.MRRS, "mrrs", 512, "longest read that is answered, in bytes")
	flags.IntVar(&f.options.Tags, "tags", 32, "number of tags that are served")
	flags.StringVar(&f.requester, "requester", "", "leave reads unanswered that do not carry this requester `id`, such as 1b:00")
	flags.IntVar(&f.options.FIFO, "fifo", 0, "size of the card's queue of completions in bytes (a real one: 16384); 0 for no limit")
	flags.DurationVar(&f.options.Latency, "latency", 0, "time that each read waits")
	flags.Float64Var(&f.options.Loss, "loss", 0, "share of datagrams that are lost, 0 to 1")
	flags.Float64Var(&f.options.Duplicate, "duplicate", 0, "share of completions that are sent twice")
	flags.Float64Var(&f.options.Reorder, "reorder", 0, "share of completions that overtake others")
	flags.Uint64Var(&f.options.Seed, "seed", 1, "what loss, duplication and reordering are drawn from")
	flags.TextVar(&f.options.Holes, "holes", adapter.UnsupportedRequest, "answer to reads of no memory: ur, ca or silence")
	flags.TextVar(&f.options.RefuseAll, "refuse-all", adapter.None, "refuse every read, as an IOMMU does: none, ur, ca or silence")
	flags.BoolVar(&f.options.BusMasterOff, "bus-master-off", false, "behave as a card that may not read: configuration space answers, reads do not")
	_ = c.MarkFlagFilename("ram")
	return c
}

// parse turns text into options.
func (f *adapterFlags) parse() (err error) {
	var errs [3]error
	f.options.Listen, errs[0] = netip.ParseAddr(f.listen)
	f.options.Client, errs[1] = netip.ParseAddr(f.client)
	if f.ram == "" {
		return fmt.Errorf("%w: say with --ram which image to serve", errUsage)
	}
	if f.requester != "" {
		f.options.CheckRequester = true
		f.options.Requester, errs[2] = tlp.ParseID(f.requester)
	}
	if err := errors.Join(errs[:]...); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	return nil
}

func (a *app) runAdapter(cmd *cobra.Command, f *adapterFlags) (err error) {
	if err := f.parse(); err != nil {
		return err
	}
	var o image.Options
	for _, text := range f.pieces {
		piece, err := image.ParsePiece(text)
		if err != nil {
			return err
		}
		o.Pieces = append(o.Pieces, piece)
	}
	memory, err := image.Open(f.ram, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, memory.Close()) }()
	f.options.Log = a.log
	card, err := adapter.New(memory, f.options)
	if errors.Is(err, adapter.ErrBadOptions) {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "serving %s: barescope -t 'nettlp://%s?local=%s' ps\n", f.ram, f.listen, f.client)
	err = card.Run(cmd.Context())
	stats := card.Stats()
	fmt.Fprintf(a.stderr, "served %d reads of %d bytes\n", stats.Requests, stats.Bytes)
	return err
}
