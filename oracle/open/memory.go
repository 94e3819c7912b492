package open

import (
	"context"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/kallsyms"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/layout/btf"
)

// Memory is the source of symbols and types that is the target's own memory:
// kallsyms and BTF in its read-only data.
type Memory struct{}

// Name returns "memory".
func (Memory) Name() string { return "memory" }

// Symbols implements [SymbolSource].
func (Memory) Symbols(_ context.Context, f *Found) (Symbols, error) {
	table, err := kallsyms.Parse(kallsyms.Image{
		Base:    f.Image.Rodata.Virtual,
		Data:    f.Rodata,
		Text:    f.Image.Text(),
		TextEnd: f.Image.ExecutableEnd(),
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w (is the kernel built with CONFIG_KALLSYMS?)", oracle.ErrNoSymbols, err)
	}
	return table, nil
}

// btfBounds are the symbols around the kernel's BTF, since 5.4 and before.
var btfBounds = [][2]string{
	{"__start_BTF", "__stop_BTF"},
	{"_binary__btf_vmlinux_bin_start", "_binary__btf_vmlinux_bin_end"},
}

// Types implements [TypeSource].
func (Memory) Types(_ context.Context, f *Found, s Symbols) (layout.Types, error) {
	for _, bounds := range btfBounds {
		blob, ok := f.between(s, bounds[0], bounds[1])
		if !ok {
			continue
		}
		types, err := btf.Parse(blob)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", oracle.ErrNoTypes, err)
		}
		return types, nil
	}
	return nil, fmt.Errorf("%w: the kernel carries no BTF (CONFIG_DEBUG_INFO_BTF)", oracle.ErrNoTypes)
}
