package main

import (
	"github.com/spf13/cobra"

	"github.com/barescope/barescope/walkers"
)

func (a *app) psCommand() *cobra.Command {
	var tree, threads bool
	c := &cobra.Command{
		Use:   "ps",
		Short: "List the processes of the target",
		Long: `List the processes of the target, or with --threads every thread.

They are taken from the kernel's pid tree and from its task list. A row that
only one of the two has carries a doubt: somebody may be hiding it.`,
		Example: `  barescope -t nettlp://192.168.10.1 ps
  barescope -t nettlp://192.168.10.1 ps --tree
  barescope -t nettlp://192.168.10.1 ps --threads -o csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var q walkers.Query
			if threads {
				q.Arguments = []string{"threads"}
			}
			if tree {
				return a.walk(cmd.Context(), "processes", q, a.arrangeTree)
			}
			return a.walk(cmd.Context(), "processes", q, nil)
		},
	}
	c.Flags().BoolVar(&tree, "tree", false, "order processes below their parents")
	c.Flags().BoolVar(&threads, "threads", false, "one row for each thread")
	return c
}

func (a *app) modulesCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "modules",
		Short:   "List the kernel modules of the target",
		Example: "  barescope -t nettlp://192.168.10.1 modules",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.walk(cmd.Context(), "modules", walkers.Query{}, nil)
		},
	}
}

func (a *app) mountsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "mounts",
		Short: "List the mounts of all mount namespaces of the target",
		Long: `List the mounts of all mount namespaces of the target, with the columns of
/proc/PID/mountinfo. A namespace holds more mounts than that file shows: those
that the root directory of its processes cannot reach are marked.`,
		Example: `  barescope -t nettlp://192.168.10.1 mounts
  barescope -t nettlp://192.168.10.1 mounts -o json | jq '.[] | select(.fstype == "overlay")'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.walk(cmd.Context(), "mounts", walkers.Query{}, nil)
		},
	}
}
