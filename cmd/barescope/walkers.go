package main

import (
	"github.com/spf13/cobra"

	"github.com/barescope/barescope/internal/render"
	"github.com/barescope/barescope/walkers"
	"github.com/barescope/barescope/walkers/builtin"
)

// catalogue is the table that lists the tables.
var catalogue = &walkers.Table{
	Name:        "walkers",
	Description: "The tables that can be walked.",
	Columns: []walkers.Column{
		{Name: "name", Type: walkers.Text, Description: "name of the table"},
		{Name: "description", Type: walkers.Text, Description: "what its rows are"},
		{Name: "columns", Type: walkers.TextList, Description: "names of its columns"},
		{Name: "arguments", Type: walkers.TextList, Description: "arguments that it takes"},
	},
}

func (a *app) walkersCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "walkers",
		Short:   "List the tables that can be walked",
		Example: "  barescope walkers\n  barescope walkers -o json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			format, err := render.ParseFormat(a.format)
			if err != nil {
				return err
			}
			out := render.NewRows(a.stdout, catalogue, render.Options{Format: format, Wide: a.wide, Width: width(a.stdout)})
			for _, w := range builtin.All() {
				if err := out.Row(catalogueRow(w.Table())); err != nil {
					return err
				}
			}
			return out.Close()
		},
	}
}

func catalogueRow(t *walkers.Table) walkers.Row {
	columns, arguments := []string{}, []string{}
	for _, c := range t.Columns {
		columns = append(columns, c.Name)
	}
	for _, a := range t.Arguments {
		arguments = append(arguments, a.Name)
	}
	return walkers.Row{Values: []any{t.Name, t.Description, columns, arguments}}
}
