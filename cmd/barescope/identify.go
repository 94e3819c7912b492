package main

import (
	"github.com/spf13/cobra"

	"github.com/barescope/barescope/internal/render"
	"github.com/barescope/barescope/oracle"
)

func (a *app) identifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "identify",
		Short: "Say which kernel runs on the target, and how it was recognised",
		Example: `  barescope -t nettlp://192.168.10.1 identify
  barescope -t nettlp://192.168.10.1 identify -o json | jq .panicked`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			format, err := render.ParseFormat(a.format)
			if err != nil {
				return err
			}
			return a.withKernel(cmd.Context(), func(s *session) error {
				return render.Record(a.stdout, identityFields(s.kernel.Identity()), format)
			})
		},
	}
}

// identityFields lists an identity under its stable keys.
func identityFields(id *oracle.Identity) []render.Field {
	ram := make([]string, len(id.RAM))
	for i, r := range id.RAM {
		ram[i] = r.String()
	}
	return []render.Field{
		{Key: "release", Value: id.Release},
		{Key: "version", Value: id.Version},
		{Key: "banner", Value: id.Banner},
		{Key: "build_id", Value: id.BuildID},
		{Key: "arch", Value: id.Arch},
		{Key: "paging", Value: id.PagingLevels},
		{Key: "text_base", Value: id.TextBase},
		{Key: "text_phys", Value: id.TextPhys},
		{Key: "kaslr_offset", Value: oracle.Address(id.KASLROffset)},
		{Key: "phys_base", Value: id.PhysBase},
		{Key: "page_offset", Value: id.PageOffset},
		{Key: "boot_time", Value: id.BootTime},
		{Key: "uptime", Value: id.Uptime},
		{Key: "panicked", Value: id.Panicked},
		{Key: "ram", Value: ram},
		{Key: "types_from", Value: id.TypesFrom},
		{Key: "symbols_from", Value: id.SymbolsFrom},
		{Key: "btf", Value: id.BTF},
		{Key: "ikconfig", Value: id.IKConfig},
		{Key: "cpus", Value: id.CPUs},
		{Key: "hostname", Value: id.Hostname},
	}
}
