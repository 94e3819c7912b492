package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/barescope/barescope/internal/lab"
)

// labVerb returns a command that does one thing to a running guest.
func (a *app) labVerb(use, short string, do func(*lab.State, context.Context) error) *cobra.Command {
	var name string
	c := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := lab.Find(name)
			if err != nil {
				return err
			}
			return do(s, cmd.Context())
		},
	}
	c.Flags().StringVar(&name, "name", lab.DefaultName, "which guest")
	return c
}
