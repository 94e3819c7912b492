package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/barescope/barescope/internal/render"
	"github.com/barescope/barescope/walkers"
	"github.com/barescope/barescope/walkers/builtin"
)

func (a *app) walkCommand() *cobra.Command {
	var arguments []string
	c := &cobra.Command{
		Use:   "walk NAME",
		Short: "Run any walker by the name of its table",
		Example: `  barescope -t nettlp://192.168.10.1 walk mounts -o jsonl
  barescope -t nettlp://192.168.10.1 walk processes --argument threads`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.FixedCompletions(tableNames(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.walk(cmd.Context(), args[0], walkers.Query{Arguments: arguments}, nil)
		},
	}
	c.Flags().StringArrayVarP(&arguments, "argument", "a", nil, "switch an `argument` of the walker on; see barescope walkers")
	return c
}

// walk runs a walker and writes its rows. arrange, if not nil, is given all
// rows before any of them is written.
func (a *app) walk(ctx context.Context, name string, q walkers.Query, arrange func(*walkers.Table, []walkers.Row) []walkers.Row) error {
	format, err := render.ParseFormat(a.format)
	if err != nil {
		return err
	}
	w, ok := builtin.Lookup(name)
	if !ok {
		return fmt.Errorf("%w: no walker %q; there are %s", errUsage, name, strings.Join(tableNames(), ", "))
	}
	if err := checkArguments(w.Table(), q); err != nil {
		return err
	}
	return a.withKernel(ctx, func(s *session) error {
		out := render.NewRows(a.stdout, w.Table(), render.Options{Format: format, Wide: a.wide, Width: width(a.stdout)})
		doubtful, err := a.emit(ctx, s, w, q, arrange, out)
		if err := errors.Join(err, out.Close()); err != nil {
			return err
		}
		if a.strict && doubtful > 0 {
			return fmt.Errorf("%w: %d of them (--strict)", errDoubt, doubtful)
		}
		return nil
	})
}

// emit writes the rows of a walk and returns how many carry a doubt.
func (a *app) emit(ctx context.Context, s *session, w walkers.Walker, q walkers.Query,
	arrange func(*walkers.Table, []walkers.Row) []walkers.Row, out render.Rows,
) (doubtful int, err error) {
	before := s.target.Meter.Counts()
	var rows []walkers.Row
	n := 0
	err = w.Walk(ctx, s.kernel, q, func(r walkers.Row) error {
		n++
		if len(r.Doubt) > 0 {
			doubtful++
		}
		if arrange != nil {
			rows = append(rows, r)
			return nil
		}
		return out.Row(r)
	})
	a.logCost(fmt.Sprintf("walked %d %s, %d of them doubtful", n, w.Table().Name, doubtful), s.target.Meter.Counts().Sub(before))
	if arrange == nil {
		return doubtful, err
	}
	for _, r := range arrange(w.Table(), rows) {
		err = errors.Join(err, out.Row(r))
	}
	return doubtful, err
}

// checkArguments refuses arguments that a table does not declare.
func checkArguments(t *walkers.Table, q walkers.Query) error {
	for _, name := range q.Arguments {
		if !slices.ContainsFunc(t.Arguments, func(a walkers.Argument) bool { return a.Name == name }) {
			return fmt.Errorf("%w: %s has no argument %q", errUsage, t.Name, name)
		}
	}
	return nil
}

func tableNames() []string {
	var names []string
	for _, w := range builtin.All() {
		names = append(names, w.Table().Name)
	}
	return names
}
